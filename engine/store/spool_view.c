/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/spool_view.h"

#include "engine/store/address_key.h"
#include "engine/store/spool_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* The body: address length (1), address, the group's bytes; see spool_commit.c. */
int latest_read(struct spool_latest *ret, const uint8_t *bytes, size_t len)
{
	struct frame f;
	if (frame_read(&f, bytes, len) < 0 || f.kind != FRAME_LATEST)
		return ERR_STORE_CORRUPT;
	unsigned group = f.key_len < 1 ? GROUP_COUNT : f.key[0] & ~(unsigned)FRAME_AWAITED;
	if (group >= GROUP_COUNT || f.body_len < 1 || 1u + f.body[0] > f.body_len)
		return ERR_STORE_CORRUPT;
	ret->group = (enum reading_group)group;
	ret->is_awaited = (f.key[0] & FRAME_AWAITED) != 0;
	ret->device_key = (struct text){(const char *)f.key + 1, f.key_len - 1};
	ret->address = (struct text){(const char *)f.body + 1, f.body[0]};
	ret->bytes = f.body + 1 + f.body[0];
	ret->len = f.body_len - 1 - f.body[0];
	ret->read_at_ms = f.number;
	return 0;
}

/* The rows of one device, copied. */
struct device_rows {
	struct buf bytes;
	size_t from[FRAME_GROUPS_MAX + 1];
	unsigned count;
	int64_t last; /* the highest row id so far */
};

/* The next device's rows: how many, 0 at the end. They are of one instant. */
static int next_device(struct db_stmt *st, struct device_rows *rows)
{
	int found;
	buf_clear(&rows->bytes);
	rows->count = 0;
	db_bind(st, db_i64(rows->last));
	while ((found = db_step(st)) == 1) {
		size_t len;
		int64_t id = db_col_i64(st, 0);
		const uint8_t *bytes = db_col_blob(st, 1, &len);
		if (rows->count > 0 && id / FRAME_GROUPS_MAX != rows->last / FRAME_GROUPS_MAX)
			break;
		rows->last = id;
		rows->from[rows->count] = rows->bytes.len;
		int err = len == 0 ? 0 : buf_put(&rows->bytes, bytes, len);
		if (err < 0) {
			found = err;
			break;
		}
		rows->from[++rows->count] = rows->bytes.len;
	}
	db_reset(st);
	return found < 0 ? found : (int)rows->count;
}

static int give_rows(const struct device_rows *rows, spool_on_latest *each, void *owner, int *given)
{
	for (unsigned i = 0; i < rows->count; i++) {
		struct spool_latest latest;
		if (latest_read(&latest, rows->bytes.data + rows->from[i],
			    rows->from[i + 1] - rows->from[i]) < 0)
			continue;
		int err = each(owner, &latest);
		if (err < 0)
			return err;
		++*given;
	}
	return 0;
}

/* ---- order ---- */

/* A device's place in the output: by its newest group's address. */
struct place {
	struct address_key address;
	uint64_t read_at_ms;
	int64_t device; /* row / FRAME_GROUPS_MAX */
};

/* "10.1.4.7:161", "[fe80::1%eth0]:161"; another text comes after all addresses. */
static struct address_key parse_address(struct text t)
{
	struct address_key last;
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} a = {.in6 = {.sin6_family = AF_INET6}};
	char text[LIMIT_ADDRESS];
	uint64_t port;
	memset(&last, 0xff, sizeof last);
	if (t.len == 0 || t.len >= sizeof text)
		return last;
	memcpy(text, t.p, t.len);
	text[t.len] = '\0';
	char *colon = strrchr(text, ':');
	if (colon == NULL || str_to_u64(colon + 1, 0, UINT16_MAX, &port) < 0)
		return last;
	*colon = '\0';
	a.in6.sin6_port = htons((uint16_t)port); /* where an IPv4 address has it too */
	if (inet_pton(AF_INET, text, &a.in4.sin_addr) == 1) {
		a.sa.sa_family = AF_INET;
		return address_key_of(&a.sa);
	}
	text[strcspn(text, "%]")] = '\0';
	if (text[0] == '[' && inet_pton(AF_INET6, text + 1, &a.in6.sin6_addr) == 1)
		return address_key_of(&a.sa);
	return last;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = memcmp(&x->address, &y->address, sizeof x->address);
	return order != 0 ? order : (x->device > y->device) - (x->device < y->device);
}

/* The place of that device, which is the last one, or a new one. NULL: there are too many. */
static struct place *place_of(struct buf *places, int64_t device)
{
	size_t count = places->len / sizeof(struct place);
	struct place *all = (struct place *)(void *)places->data;
	struct place new = {.device = device};
	if (count > 0 && all[count - 1].device == device)
		return &all[count - 1];
	if (buf_put(places, &new, sizeof new) < 0)
		return NULL;
	return (struct place *)(void *)places->data + count;
}

/* Fills `places`, sorted. `more_after`: the last device in them if there are more, else -1. */
static int find_places(struct db *db, struct buf *places, int64_t *more_after)
{
	struct db_stmt st;
	int64_t device = -1;
	int found = db_prepare(db, &st, "SELECT id, frame FROM latest ORDER BY id");
	if (found < 0)
		return found;
	*more_after = -1;
	while ((found = db_step(&st)) == 1) {
		struct spool_latest latest;
		size_t len;
		const uint8_t *bytes = db_col_blob(&st, 1, &len);
		if (latest_read(&latest, bytes, len) < 0)
			continue;
		struct place *p = place_of(places, db_col_i64(&st, 0) / FRAME_GROUPS_MAX);
		if (p == NULL) {
			*more_after = device;
			break;
		}
		device = p->device;
		if (latest.read_at_ms < p->read_at_ms)
			continue;
		p->read_at_ms = latest.read_at_ms;
		p->address = parse_address(latest.address);
	}
	db_finalize(&st);
	if (places->len > 0)
		qsort(places->data, places->len / sizeof(struct place), sizeof(struct place),
			compare_places);
	return found < 0 ? found : 0;
}

/* ---- output ---- */

struct output {
	spool_on_latest *each;
	void *owner;
	int given;
};

/* The devices that have a place, then the others by their rows. */
static int give_all(struct db_stmt *st, struct device_rows *rows, const struct buf *places,
	int64_t more_after, struct output *out)
{
	const struct place *all = (const struct place *)(const void *)places->data;
	int found = 0;
	for (size_t i = 0; i < places->len / sizeof *all; i++) {
		rows->last = all[i].device * FRAME_GROUPS_MAX - 1;
		if ((found = next_device(st, rows)) > 0 &&
			rows->last / FRAME_GROUPS_MAX == all[i].device)
			found = give_rows(rows, out->each, out->owner, &out->given);
		if (found < 0)
			return found;
	}
	if (more_after < 0)
		return 0;
	rows->last = more_after * FRAME_GROUPS_MAX + FRAME_GROUPS_MAX - 1;
	while ((found = next_device(st, rows)) > 0 &&
		(found = give_rows(rows, out->each, out->owner, &out->given)) == 0)
		continue;
	return found;
}

/* Their output may take hours: nothing is read meanwhile, as a reader that stands still keeps
 * the WAL from starting anew. */
int spool_each_latest(
	const char *dir, spool_on_latest *each, void *owner, char *why, size_t why_cap)
{
	struct db *db;
	struct db_stmt st;
	struct db_options o = {
		.dir = dir, .file = "store.db", .schema = &spool_schema, .cache_kib = 256};
	struct device_rows rows = {.last = -1};
	struct output out = {.each = each, .owner = owner};
	struct buf places;
	int64_t more_after = -1;
	int err = db_open_read(&db, &o, why, why_cap);
	if (err < 0)
		return err;
	_Static_assert(FRAME_GROUPS_MAX == 8, "as the statement has it");
	buf_open(&rows.bytes, FRAME_GROUPS_MAX * SPOOL_SCRATCH);
	buf_open(&places, LIMIT_DEVICES_MAX * sizeof(struct place));
	err = find_places(db, &places, &more_after);
	if (err == 0)
		err = db_prepare(
			db, &st, "SELECT id, frame FROM latest WHERE id > ?1 ORDER BY id LIMIT 8");
	if (err == 0)
		err = give_all(&st, &rows, &places, more_after, &out);
	if (err < 0)
		(void)str_copy(why, why_cap, err_text(err));
	buf_close(&places);
	buf_close(&rows.bytes);
	db_close(db);
	return err < 0 ? err : out.given;
}
