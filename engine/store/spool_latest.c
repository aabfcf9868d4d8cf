/* SPDX-License-Identifier: Apache-2.0
 * The newest state of each group of each device, for `platen report`, for what counts in the next
 * record and for the digests after a start. A row's frame: address length (1), address, the group's
 * bytes. On the disk worker. */
#include "engine/store/spool_internal.h"

#include <string.h>

/* ---- putting ---- */

_Static_assert((int)GROUP_COUNT <= (int)FRAME_GROUPS_MAX, "each device has a row for every group");

/* 1: put; 0: such a record is kept, but not shown. */
static int put_group(struct spool_disk *d, const struct record_head *head, unsigned group,
	bool is_awaited, const struct record_span *span)
{
	uint8_t *key = d->scratch + FRAME_HEAD;
	size_t key_len = 1 + head->device_key.len;
	size_t address_len = head->address.len > LIMIT_TEXT ? LIMIT_TEXT : head->address.len;
	if (key_len > FRAME_KEY_MAX || 1 + address_len + span->len > LIMIT_RECORD)
		return 0;
	key[0] = (uint8_t)(group | (is_awaited ? FRAME_AWAITED : 0));
	if (head->device_key.len > 0)
		memcpy(key + 1, head->device_key.p, head->device_key.len);
	uint8_t *body = key + key_len;
	body[0] = (uint8_t)address_len;
	if (address_len > 0)
		memcpy(body + 1, head->address.p, address_len);
	memcpy(body + 1 + address_len, span->p, span->len);
	struct frame f = {.kind = FRAME_LATEST,
		.number = head->read_at_ms,
		.key = key,
		.key_len = key_len,
		.body = body,
		.body_len = 1 + address_len + span->len};
	frame_write(d->scratch, &f);
	db_bind(&d->put_latest, db_i64(frame_row_of_device(key + 1, head->device_key.len, group)),
		db_blob(d->scratch, frame_len(&f)));
	int err = db_run(&d->put_latest);
	return err < 0 ? err : 1;
}

int latest_put(struct spool_disk *d, const struct record_head *head,
	const struct record_span groups[GROUP_COUNT], unsigned awaited, bool is_known)
{
	int put = 0;
	for (unsigned g = 0; g < GROUP_COUNT && put >= 0; g++) {
		if (groups[g].len > 0)
			put = put_group(d, head, g, (awaited >> g & 1) != 0, &groups[g]);
		if (put == 1 && !is_known) {
			is_known = true;
			d->devices_next++;
		}
	}
	return put < 0 ? put : 0;
}

/* ---- the bound ---- */

/* Rows are ordered by a hash, so neighbours are devices of any age: the oldest of so many is old
 * enough to go, without an index of all. */
enum { SAMPLE_ROWS = 64 * FRAME_GROUPS_MAX };

/* Devices that go in one transaction; the rest goes with the next ones. */
enum { AT_ONCE = 1024 };

struct sample {
	int64_t device; /* of the rows under way; -1: none */
	uint64_t at_ms; /* its newest state */
	int64_t oldest; /* device; -1: none */
	uint64_t oldest_at_ms;
	int rows;
};

/* 1: a record that no hub has is pending, and the next one is compared with this state. */
static int is_unsent(struct spool_disk *d, int64_t device)
{
	db_bind(&d->list_unsent, db_i64(device), db_i64(1));
	int found = db_step(&d->list_unsent);
	if (found == 1)
		db_reset(&d->list_unsent);
	return found;
}

static int end_device(struct spool_disk *d, struct sample *s)
{
	bool is_older = s->device >= 0 && (s->oldest < 0 || s->at_ms < s->oldest_at_ms);
	int unsent = is_older ? is_unsent(d, s->device) : 1;
	if (unsent == 0) {
		s->oldest = s->device;
		s->oldest_at_ms = s->at_ms;
	}
	s->device = -1;
	return unsent < 0 ? unsent : 0;
}

/* The head of a frame: one that cannot be read is as old as can be. */
static uint64_t time_of(struct spool_disk *d)
{
	size_t len;
	const uint8_t *bytes = db_col_blob(&d->sample_latest, 1, &len);
	return frame_peek_number(bytes, len);
}

static int add_row(struct spool_disk *d, struct sample *s)
{
	int64_t device = db_col_i64(&d->sample_latest, 0) / FRAME_GROUPS_MAX;
	uint64_t at_ms = time_of(d);
	int err = device == s->device ? 0 : end_device(d, s);
	if (device != s->device)
		s->at_ms = 0;
	s->device = device;
	s->at_ms = at_ms > s->at_ms ? at_ms : s->at_ms;
	s->rows++;
	return err;
}

static int sample_from(struct spool_disk *d, struct sample *s, int64_t first)
{
	int found, err = 0, left = SAMPLE_ROWS - s->rows;
	db_bind(&d->sample_latest, db_i64(first), db_i64(left));
	while ((found = db_step(&d->sample_latest)) == 1 && err == 0)
		err = add_row(d, s);
	if (found == 1)
		db_reset(&d->sample_latest);
	if (found < 0 || err < 0)
		return found < 0 ? found : err;
	/* The rows of the last one may go on behind the sample. */
	return s->rows < SAMPLE_ROWS ? end_device(d, s) : 0;
}

/* 1: a device has gone; 0: all of the sample are pending. */
static int remove_one(struct spool_disk *d)
{
	struct sample s = {.device = -1, .oldest = -1};
	uint64_t start = d->next.generation * UINT64_C(0x9e3779b97f4a7c15) + d->devices_next;
	int err = sample_from(d, &s, (int64_t)(start >> 1));
	if (err == 0 && s.rows < SAMPLE_ROWS)
		err = sample_from(d, &s, 0);
	if (err < 0 || s.oldest < 0)
		return err;
	int64_t row = s.oldest * FRAME_GROUPS_MAX;
	db_bind(&d->drop_latest, db_i64(row), db_i64(row + FRAME_GROUPS_MAX - 1));
	err = db_run(&d->drop_latest);
	d->devices_next -= err == 0;
	return err < 0 ? err : 1;
}

int latest_make_room(struct spool_disk *d, uint64_t max_devices)
{
	int gone = 1;
	for (int i = 0; i < AT_ONCE && gone == 1 && d->devices_next > max_devices; i++)
		gone = remove_one(d);
	return gone < 0 ? gone : 0;
}
