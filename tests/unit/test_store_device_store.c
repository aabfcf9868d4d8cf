/* SPDX-License-Identifier: Apache-2.0
 * The device store: rows survive a restart, part by part; a damaged file costs rows, never a start
 * and never a wrong value. Over 600 lines, as all cases share the store at the top. */
#include "engine/store/db.h"
#include "engine/store/device_store.h"

#include "proto/base/crc.h"
#include "tests/counts.h"
#include "tests/kit/store_fault.h"
#include "tests/kit/spool_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/stat.h>

struct item {
	struct device_store_put put;
	struct device_row row;
	unsigned parts;
	unsigned fills;
};

static struct device_store *store;
static int opened;
static char why[LIMIT_WHY];

static unsigned fill(struct device_store_put *put, struct device_row *row)
{
	struct item *item = container_of(put, struct item, put);
	item->fills++;
	*row = item->row;
	return item->parts;
}

static void open_device_store(struct fixture *f)
{
	why[0] = '\0';
	opened = device_store_open(&store, f->loop, f->workers, f->dir, false, why, sizeof why);
}

static void close_device_store(struct fixture *f)
{
	f->has_result = false;
	device_store_close(store, fixture_on_closed, f);
	(void)fixture_await(f);
	store = NULL;
}

/* A device of which everything is known; n tells it from others. */
static struct item make_item(unsigned n)
{
	struct item item = {.parts = DEVICE_ROW_ALL, .put.fill = fill};
	struct device_row *r = &item.row;
	r->address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(161),
		.sin_addr.s_addr = htonl(0x7f010000 + n)};
	(void)snprintf(r->credential, sizeof r->credential, "site %u", n);
	(void)snprintf(r->key, sizeof r->key, "serial:xerox/%u", n);
	(void)snprintf(r->vendor, sizeof r->vendor, "Xerox");
	(void)snprintf(r->model, sizeof r->model, "Model %u", n % 7);
	(void)snprintf(r->serial, sizeof r->serial, "%u", n);
	(void)snprintf(r->mac, sizeof r->mac, "02:00:00:00:%02x:%02x", n >> 8 & 255, n & 255);
	r->last_seen_wall_ms = 1000 + n;
	r->version = SNMP_V2C;
	r->is_printer = true;
	r->profile.limits = (struct mib_limits){.max_varbinds = 20,
		.varbinds_limit = (uint8_t)(n % 9),
		.has_no_bulk = n % 2 == 0,
		.was_polled = true,
		.is_safe_mode = n % 3 == 0,
		.proven_oids = 11,
		.request_bytes = 400};
	r->profile.limits.rows[3] = 9;
	r->profile.rtt.srtt_ms = 77;
	r->profile.rtt.rttvar_ms = 5;
	r->profile.protection.failures = 2;
	r->profile.protection.open_until_ms = UINT64_C(1) << 50; /* at most LIMIT_SILENT_MAX_MS */
	r->profile.protection.quarantined_count = 1;
	r->profile.protection.quarantined[0] =
		(struct quarantined_request){.digest = n, .until_ms = 99};
	r->profile.today.day = 20000;
	r->profile.today.packets_out = 70000 + n;
	r->profile.today.bytes_in = UINT64_C(5) << 32;
	r->profile.engine =
		(struct usm_engine){.id = {1, 2, 3, 4, 5}, .id_len = 5, .boots = n, .time = 100};
	return item;
}

struct heard {
	size_t rows, wrong, broken;
	struct device_row first;
};

static void settle_clock(struct device_row *d)
{
	d->profile.engine.at_ms = 0;
	d->profile.engine.time = 0;
}

/* Each row is what make_item made, or lacks whole parts of it. */
static int on_row(void *owner, const struct device_row *row)
{
	struct heard *h = owner;
	struct device_row got = *row;
	struct item want = make_item(ntohl(row->address.in4.sin_addr.s_addr) - 0x7f010000);
	if (h->rows++ == 0)
		h->first = got;
	settle_clock(&got);
	settle_clock(&want.row);
	bool has_identity = got.serial[0] != '\0', has_learned = got.profile.rtt.srtt_ms != 0,
	     has_engine = got.profile.engine.id_len != 0;
	h->broken += !has_identity || !has_learned || !has_engine;
	h->wrong += has_identity && (strcmp(got.serial, want.row.serial) != 0 ||
					    strcmp(got.mac, want.row.mac) != 0 ||
					    strcmp(got.credential, want.row.credential) != 0);
	h->wrong += has_learned &&
		    (memcmp(&got.profile.limits, &want.row.profile.limits,
			     sizeof got.profile.limits) != 0 ||
			    got.profile.protection.quarantined[0].digest !=
				    want.row.profile.protection.quarantined[0].digest ||
			    got.profile.today.packets_out != want.row.profile.today.packets_out ||
			    got.profile.today.bytes_in != want.row.profile.today.bytes_in ||
			    got.profile.protection.open_until_ms == 0);
	h->wrong += has_engine && memcmp(&got.profile.engine, &want.row.profile.engine,
					  sizeof got.profile.engine) != 0;
	return 0;
}

static struct heard hear(void)
{
	struct heard h = {0};
	assert_int_equal(device_store_each(store, on_row, &h), 0);
	return h;
}

static void put_many(struct item *items, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		items[i] = make_item(i);
		device_store_put(store, &items[i].put);
	}
}

static void test_rows_survive_restart(void **state)
{
	struct fixture *f = *state;
	static struct item items[1000];
	open_device_store(f);
	assert_int_equal(opened, 0);
	put_many(items, 1000);
	device_store_put(store, &items[5].put); /* it waits already: written once */
	close_device_store(f);                  /* what waits is written */
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(items[i].fills, 1);
	open_device_store(f);
	struct heard h = hear();
	assert_int_equal(h.rows, 1000);
	assert_int_equal(h.wrong + h.broken, 0);
	assert_int_equal(h.first.first_seen_wall_ms, h.first.last_seen_wall_ms);
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.rows, 1000);
	assert_int_equal(c.damaged, 0);
	char path[512];
	struct stat st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close_device_store(f);
}

static void test_other_part_survives_a_write(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	struct item item = make_item(1);
	item.row.last_seen_wall_ms = 1000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	item.parts = DEVICE_ROW_PROFILE;
	item.row.serial[0] = item.row.key[0] = '\0';
	item.row.profile.rtt.srtt_ms = 500;
	item.row.last_seen_wall_ms = 4000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	struct heard h = hear();
	assert_int_equal(h.rows, 1);
	assert_string_equal(h.first.serial, "1");
	assert_string_equal(h.first.key, "serial:xerox/1");
	assert_int_equal(h.first.profile.rtt.srtt_ms, 500);
	assert_int_equal(h.first.profile.engine.id_len, 5);
	assert_int_equal(h.first.first_seen_wall_ms, 1000);
	assert_int_equal(h.first.last_seen_wall_ms, 4000);
	close_device_store(f);
}

static int on_event(void *owner, const struct device_event *event)
{
	unsigned *n = owner;
	assert_int_equal(event->wall_ms, *n);
	assert_int_equal(event->kind, DEVICE_EVENT_MOVED);
	assert_string_equal(event->detail, "from elsewhere");
	--*n;
	return 0;
}

/* The clock was wrong when it was seen last. */
static void test_last_seen_in_the_future_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct item item = make_item(1);
	open_device_store(f);
	item.row.last_seen_wall_ms = loop_wall_ms(f->loop) + UINT64_C(1000) * 86400000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	item.row.last_seen_wall_ms = 7000;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_int_equal(hear().first.last_seen_wall_ms, 7000);
	item.row.last_seen_wall_ms = 5000; /* but a later one does */
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_int_equal(hear().first.last_seen_wall_ms, 7000);
	close_device_store(f);
}

static int count_event(void *owner, const struct device_event *event)
{
	unsigned *n = owner;
	(void)event;
	++*n;
	return 0;
}

static void test_events_come_newest_first(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	for (unsigned i = 1; i <= 70; i++) {
		struct device_event e = {.wall_ms = i, .kind = DEVICE_EVENT_MOVED};
		(void)str_copy(e.detail, sizeof e.detail, "from elsewhere");
		device_store_add_event(store, &e);
	}
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.dropped, 70 - LIMIT_DEVICE_EVENTS_WAITING);
	close_device_store(f);
	struct db *view;
	assert_int_equal(device_store_view_open(&view, f->dir, why, sizeof why), 0);
	unsigned newest = LIMIT_DEVICE_EVENTS_WAITING;
	assert_int_equal(device_store_view_events(view, 10, on_event, &newest), 0);
	assert_int_equal(newest, LIMIT_DEVICE_EVENTS_WAITING - 10);
	db_close(view);
	assert_string_equal(
		device_event_name(DEVICE_EVENT_STOPPED_RESPONDING), "stopped-responding");
}

/* Flips one bit after another at places that follow from `seed`: the start succeeds, and whatever
 * comes back is true. */
static void test_damaged_file_opens_without_wrong_values(void **state)
{
	struct fixture *f = *state;
	static struct item items[200];
	size_t len, moved = 0, lost_parts = 0;
	open_device_store(f);
	put_many(items, 200);
	close_device_store(f);
	uint8_t *good = fixture_read_file(f, "discovery.db", &len);
	size_t rounds = test_count("DEVICE_STORE_DAMAGE");
	for (size_t i = 0; i < rounds; i++) {
		uint64_t x = record_step(i + 1);
		size_t at = (size_t)((x ^ x >> 31) * 0x9e3779b97f4a7c15u >> 20) % len;
		good[at] ^= (uint8_t)(1u << i % 8);
		fixture_write_file(f, "discovery.db", good, len);
		open_device_store(f);
		good[at] ^= (uint8_t)(1u << i % 8);
		if (opened == ERR_STORE_VERSION)
			continue; /* two fields of the header would have to agree: not by one bit */
		if (opened < 0)
			fail_msg("bit at %zu: %s: %s", at, err_text(opened), why);
		struct heard h = {0};
		int err = device_store_each(store, on_row, &h);
		assert_true(err == 0 || err == ERR_STORE_CORRUPT);
		assert_int_equal(h.wrong, 0);
		assert_true(opened == 0 || h.rows == 0);
		assert_true(opened == 0 || why[0] != '\0');
		moved += opened == 1;
		lost_parts += h.broken;
		struct item item = make_item(500);
		device_store_put(store, &item.put);
		close_device_store(f);
	}
	/* The test saw both kinds. */
	assert_true(moved > 0 && lost_parts > 0);
	free(good);
}

static void test_foreign_file_is_moved_aside(void **state)
{
	struct fixture *f = *state;
	fixture_write_file(
		f, "discovery.db", (const uint8_t *)"no database at all, but text......", 34);
	open_device_store(f);
	assert_int_equal(opened, 1);
	assert_non_null(strstr(why, "discovery.db"));
	assert_int_equal(hear().rows, 0);
	close_device_store(f);
	size_t len;
	uint8_t *aside = fixture_read_file(f, "discovery.db.damaged", &len);
	assert_int_equal(len, 34);
	free(aside);
}

static void test_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	open_device_store(f);
	close_device_store(f);
	char path[512];
	sqlite3 *raw;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(raw, "PRAGMA user_version=3; PRAGMA application_id=1347177219", NULL,
			NULL, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	open_device_store(f);
	assert_int_equal(opened, ERR_STORE_VERSION);
}

/* The learned part of the only row is what `change` makes of it, its checksum right again. */
static void rewrite_learned(struct fixture *f, size_t (*change)(uint8_t *bytes, size_t len))
{
	char path[512];
	uint8_t address[64], bytes[1024];
	sqlite3 *raw;
	sqlite3_stmt *st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(raw, "SELECT address, profile FROM device", -1, &st, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	size_t address_len = (size_t)sqlite3_column_bytes(st, 0),
	       len = (size_t)sqlite3_column_bytes(st, 1);
	assert_true(address_len <= sizeof address && len + 300 < sizeof bytes);
	memcpy(address, sqlite3_column_blob(st, 0), address_len);
	memcpy(bytes, sqlite3_column_blob(st, 1), len);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	len = change(bytes, len - 4);
	uint32_t crc = crc32c(crc32c(0, address, address_len), bytes, len);
	for (unsigned i = 0; i < 4; i++)
		bytes[len++] = (uint8_t)(crc >> 8 * i);
	assert_int_equal(
		sqlite3_prepare_v2(raw, "UPDATE device SET profile=?1", -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(st, 1, bytes, (int)len, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/* Format and part; then the number of tables, and a byte for each. */
enum { WALKS_AT = 2, MORE_WALKS = 5 };

static size_t with_more_walks(uint8_t *bytes, size_t len)
{
	size_t rest = WALKS_AT + 1u + bytes[WALKS_AT];
	memmove(bytes + rest + MORE_WALKS, bytes + rest, len - rest);
	memset(bytes + rest, 7, MORE_WALKS);
	bytes[WALKS_AT] += MORE_WALKS;
	return len + MORE_WALKS;
}

static size_t with_more_fields(uint8_t *bytes, size_t len)
{
	memset(bytes + len, 0xa5, 11);
	return len + 11;
}

static struct heard hear_rewritten(struct fixture *f, size_t (*change)(uint8_t *bytes, size_t len))
{
	struct item item = make_item(3);
	open_device_store(f);
	device_store_put(store, &item.put);
	close_device_store(f);
	rewrite_learned(f, change);
	open_device_store(f);
	struct heard h = hear();
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.damaged, 0);
	close_device_store(f);
	return h;
}

/* A program with other tables: what a printer must not be asked is not forgotten with their
 * lengths. */
static void test_other_table_count_keeps_the_rest_of_a_profile(void **state)
{
	struct heard h = hear_rewritten(*state, with_more_walks);
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.first.profile.limits.rows[3], 0);
	assert_true(h.first.profile.limits.is_safe_mode);
	assert_int_equal(h.first.profile.limits.proven_oids, 11);
	assert_int_equal(h.first.profile.protection.quarantined_count, 1);
	assert_int_equal(h.first.profile.protection.quarantined[0].digest, 3);
	assert_int_equal(h.first.profile.today.packets_out, 70003);
}

static void test_unknown_fields_at_the_end_are_skipped(void **state)
{
	struct heard h = hear_rewritten(*state, with_more_fields);
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.wrong + h.broken, 0);
}

/* A row that version 1 of the schema and format 1 of its parts held: written by that version from
 * make_item(3). */
static const uint8_t old_address[] = {0x04, 0x00, 0xa1, 0x7f, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
static const uint8_t old_identity[] = {0x01, 0x01, 0x06, 0x73, 0x69, 0x74, 0x65, 0x20, 0x33, 0x05,
	0x58, 0x65, 0x72, 0x6f, 0x78, 0x07, 0x4d, 0x6f, 0x64, 0x65, 0x6c, 0x20, 0x33, 0x01, 0x33,
	0x11, 0x30, 0x32, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30, 0x3a, 0x30, 0x30,
	0x3a, 0x30, 0x33, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x5e,
	0xdf, 0x8e, 0xf5};
static const uint8_t old_learned[] = {0x01, 0x02, 0x33, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14,
	0x03, 0x00, 0x00, 0x01, 0x00, 0x90, 0x01, 0x0b, 0x00, 0x01, 0x4d, 0x00, 0x05, 0x00, 0x00,
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x03, 0x01, 0x03, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x63, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x39, 0x30, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01,
	0x20, 0x4e, 0x00, 0x00, 0x73, 0x11, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x8a, 0x75,
	0x82, 0x6a};
static const uint8_t old_engine[] = {0x01, 0x04, 0x05, 0x01, 0x02, 0x03, 0x04, 0x05, 0x00, 0x03,
	0x00, 0x00, 0x00, 0x64, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x2b, 0xaf, 0x18, 0x6f};

static void write_version_1(struct fixture *f)
{
	static const char schema[] =
		"CREATE TABLE device(address BLOB PRIMARY KEY, key TEXT NOT NULL,"
		"first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, identity BLOB,"
		"learned BLOB, engine BLOB) STRICT, WITHOUT ROWID;"
		"CREATE TABLE event(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
		"kind INTEGER NOT NULL, address TEXT NOT NULL, key TEXT NOT NULL,"
		"detail TEXT NOT NULL) STRICT;"
		"PRAGMA user_version=1; PRAGMA application_id=1347177217";
	char path[512];
	sqlite3 *raw;
	sqlite3_stmt *st;
	fixture_path(f, path, "discovery.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, schema, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(raw,
				 "INSERT INTO device VALUES(?1,'serial:xerox/3',7,1003,?2,?3,?4)",
				 -1, &st, NULL),
		SQLITE_OK);
	const struct {
		const uint8_t *p;
		size_t len;
	} parts[] = {{old_address, sizeof old_address}, {old_identity, sizeof old_identity},
		{old_learned, sizeof old_learned}, {old_engine, sizeof old_engine}};
	for (int i = 0; i < 4; i++)
		assert_int_equal(
			sqlite3_bind_blob(st, i + 1, parts[i].p, (int)parts[i].len, SQLITE_STATIC),
			SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void assert_version_1_row(void)
{
	struct heard h = hear();
	const struct device_profile *p = &h.first.profile;
	assert_int_equal(h.rows, 1);
	assert_int_equal(h.wrong + h.broken, 0);
	assert_string_equal(h.first.key, "serial:xerox/3");
	assert_int_equal(h.first.first_seen_wall_ms, 7);
	assert_int_equal(p->protection.failures, 2);
	assert_int_equal(p->protection.stopped_responding_wall_ms, 12345);
	assert_int_equal(p->ipp.path, 2);
	assert_int_equal(p->ipp.failures, 1);
	assert_int_equal(p->rtt.rttvar_ms, 5);
}

static void test_version_1_store_is_read_and_rewritten(void **state)
{
	struct fixture *f = *state;
	/* Any database of ours, for its file mode. */
	open_device_store(f);
	close_device_store(f);
	char path[512];
	fixture_path(f, path, "discovery.db");
	assert_int_equal(unlink(path), 0);
	write_version_1(f);
	assert_int_equal(chmod(path, 0600), 0);
	open_device_store(f);
	assert_int_equal(opened, 0);
	assert_version_1_row();
	/* Written once, it is one profile: the engine of the old column is inside. */
	struct item item = make_item(3);
	item.row.profile = hear().first.profile;
	item.parts = DEVICE_ROW_PROFILE;
	device_store_put(store, &item.put);
	close_device_store(f);
	open_device_store(f);
	assert_version_1_row();
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.damaged, 0);
	close_device_store(f);
}

/* ---- a full disk -------------------------------------------------------------------------------
 */

struct watch {
	struct due due;
	struct fixture *f;
};

static void on_watch(struct due *due)
{
	struct watch *w = container_of(due, struct watch, due);
	struct device_store_counts c;
	device_store_counts(store, &c);
	if (c.errors > 0)
		fixture_result(w->f, 0);
	else
		assert_int_equal(loop_due_set(w->f->loop, due, loop_now_ms(w->f->loop) + 5), 0);
}

/* Whatever waits is written when there is room again, the oldest first. */
static void test_full_disk_delays_writes(void **state)
{
	struct fixture *f = *state;
	struct watch watch = {.f = f};
	struct item item = make_item(3), later = make_item(4);
	struct device_event event = {.wall_ms = 5, .kind = DEVICE_EVENT_STOPPED_RESPONDING};
	fault_install();
	open_device_store(f);
	fault_arm_forever(FAULT_WRITE, SQLITE_FULL);
	device_store_put(store, &item.put);
	device_store_add_event(store, &event);
	due_init(&watch.due, on_watch);
	assert_int_equal(loop_due_set(f->loop, &watch.due, loop_now_ms(f->loop)), 0);
	f->has_result = false;
	(void)fixture_await(f);
	struct device_store_counts c;
	device_store_counts(store, &c);
	assert_int_equal(c.last_err, -ENOSPC);
	assert_int_equal(c.written, 0);
	assert_true(fault_disarm());
	assert_int_equal(item.fills, 1);
	device_store_put(store, &later.put);
	close_device_store(f);
	open_device_store(f);
	struct heard h = hear();
	assert_int_equal(h.rows, 2);
	assert_int_equal(h.wrong + h.broken, 0);
	close_device_store(f);
	fault_remove();
	struct db *view;
	unsigned events = 0;
	assert_int_equal(device_store_view_open(&view, f->dir, why, sizeof why), 0);
	assert_int_equal(device_store_view_events(view, 10, count_event, &events), 0);
	assert_int_equal(events, 1);
	db_close(view);
}

static void test_view_without_file_is_enoent(void **state)
{
	struct fixture *f = *state;
	struct db *view;
	assert_int_equal(device_store_view_open(&view, f->dir, why, sizeof why), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fixture_test(test_rows_survive_restart),
		fixture_test(test_other_part_survives_a_write),
		fixture_test(test_events_come_newest_first),
		fixture_test_fast(test_damaged_file_opens_without_wrong_values),
		fixture_test(test_foreign_file_is_moved_aside),
		fixture_test(test_newer_schema_is_refused),
		fixture_test(test_other_table_count_keeps_the_rest_of_a_profile),
		fixture_test(test_unknown_fields_at_the_end_are_skipped),
		fixture_test(test_version_1_store_is_read_and_rewritten),
		fixture_test_fast(test_full_disk_delays_writes),
		fixture_test(test_last_seen_in_the_future_is_replaced),
		fixture_test(test_view_without_file_is_enoent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
