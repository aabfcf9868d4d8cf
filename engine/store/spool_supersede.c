/* SPDX-License-Identifier: Apache-2.0
 * A newer record supersedes older ones of its device, by group
 * (docs/decisions/0023-newer-records-supersede-older-ones). On the disk worker, in the transaction
 * that puts the newer one. */
#include "engine/store/spool_internal.h"
#include "engine/store/spool_view.h"

#include "proto/history/history.h"

#include <string.h>

enum {
	BACK_MAX = 256, /* older records of a device that are looked at */
	/* In the column counts: no record before this one changes, whatever its groups. */
	BARRIER = 1u << GROUP_COUNT,
	EVENTS = 1u << GROUP_IDENTITY | 1u << GROUP_METERS | 1u << GROUP_SUPPLIES |
		 1u << GROUP_ALERTS | 1u << GROUP_STATE
};

/* The record that is put, and the last states of its device. */
struct step {
	const struct record_head *head;
	unsigned groups;  /* masks: in the record, */
	unsigned known;   /* with a last state, */
	unsigned awaited; /* whose last state waits for this one */
	unsigned counts;
	unsigned awaits;
	struct reading old, now;
	uint64_t old_at_ms[GROUP_COUNT];
	uint64_t newest_at_ms; /* of the device's last states */
	bool is_moved;         /* the newest has another address */
	bool is_known;
};

/* ---- what counts ---- */

static int add_latest(struct spool_disk *d, struct step *s)
{
	struct spool_latest latest;
	size_t len;
	const uint8_t *bytes = db_col_blob(&d->get_latest, 0, &len);
	if (latest_read(&latest, bytes, len) < 0 ||
		!text_is_equal(latest.device_key, s->head->device_key))
		return ERR_FORMAT;
	unsigned bit = 1u << latest.group;
	if (latest.read_at_ms >= s->newest_at_ms) {
		s->newest_at_ms = latest.read_at_ms;
		s->is_moved = !text_is_equal(latest.address, s->head->address);
	}
	if (latest.is_awaited)
		s->awaited |= bit;
	if ((s->groups & bit & EVENTS) == 0)
		return 0;
	s->known |= bit;
	s->old_at_ms[latest.group] = latest.read_at_ms;
	return record_group_unpack(
		&s->old, latest.group, latest.read_at_ms, latest.bytes, latest.len);
}

/* The last states of the device. 1: all of them could be read; 0: not all; or an error. */
static int read_latest(struct spool_disk *d, struct step *s)
{
	const uint8_t *key = (const uint8_t *)s->head->device_key.p;
	int64_t first = frame_row_of_device(key, s->head->device_key.len, 0);
	int found, is_read = 1;
	db_bind(&d->get_latest, db_i64(first), db_i64(first + FRAME_GROUPS_MAX - 1));
	while ((found = db_step(&d->get_latest)) == 1) {
		s->is_known = true;
		if (add_latest(d, s) < 0)
			is_read = 0;
	}
	return found < 0 ? found : is_read;
}

static bool read_now(struct step *s, const struct record_span groups[GROUP_COUNT])
{
	/* The rated speed, which meters are compared with, is of the media group. */
	unsigned needed = EVENTS | 1u << GROUP_MEDIA;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if ((s->groups & needed & 1u << g) != 0 &&
			record_group_unpack(&s->now, (enum reading_group)g, s->head->read_at_ms,
				groups[g].p, groups[g].len) < 0)
			return false;
	}
	return true;
}

static void evaluate(struct step *s)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		unsigned bit = 1u << g;
		if ((s->groups & bit) == 0)
			continue;
		const struct reading *old = (s->known & bit) != 0 ? &s->old : NULL;
		unsigned how = history_counts(
			(enum reading_group)g, old, s->old_at_ms[g], &s->now, s->head->read_at_ms);
		s->counts |= (how & HISTORY_COUNTS) != 0 ? bit : 0;
		s->awaits |= (how & HISTORY_AWAITS) != 0 ? bit : 0;
	}
	s->counts |= s->awaited;
	/* sysUpTime dates the alerts of its record. */
	if ((s->counts & 1u << GROUP_ALERTS) != 0)
		s->counts |= 1u << GROUP_IDENTITY;
	s->counts &= s->groups;
	if (s->is_moved || s->head->read_at_ms <= s->newest_at_ms)
		s->counts = s->groups | BARRIER;
}

/* ---- cutting ---- */

/* A group that goes out of an older record. */
struct cut {
	uint64_t seq;
	unsigned groups;
};

/* The newest older record with each group of `left`: its group goes, unless it counts. Returns the
 * number of records in `cuts`, or an error. */
static int find_cuts(
	struct spool_disk *d, int64_t device, unsigned left, struct cut cuts[GROUP_COUNT])
{
	int found, count = 0;
	db_bind(&d->list_unsent, db_i64(device), db_i64(BACK_MAX));
	while (left != 0 && (found = db_step(&d->list_unsent)) == 1) {
		unsigned groups = (unsigned)db_col_u64(&d->list_unsent, 1) & left;
		unsigned counts = (unsigned)db_col_u64(&d->list_unsent, 2);
		left &= (counts & BARRIER) != 0 ? 0 : ~groups;
		if ((groups & ~counts) != 0)
			cuts[count++] = (struct cut){
				.seq = db_col_u64(&d->list_unsent, 0), .groups = groups & ~counts};
	}
	if (left == 0)
		db_reset(&d->list_unsent);
	else if (found < 0)
		return found;
	return count;
}

static int remove_record(struct spool_disk *d, uint64_t seq)
{
	d->next.balance.superseded++;
	return disk_drop(d, seq, seq);
}

static int change_record(
	struct spool_disk *d, uint64_t seq, unsigned groups, size_t len, size_t was)
{
	struct frame f = {.kind = FRAME_RECORD,
		.number = seq,
		.body = d->scratch + FRAME_HEAD,
		.body_len = len};
	frame_write(d->scratch, &f);
	db_bind(&d->change_record, db_u64(seq), db_blob(d->scratch, frame_len(&f)));
	int err = db_run(&d->change_record);
	if (err < 0)
		return err;
	d->next.bytes -= was - len;
	d->unsent_bytes_next -= was - len;
	db_bind(&d->change_unsent, db_u64(seq), db_u64(groups), db_u64(len));
	return db_run(&d->change_unsent);
}

/* The record without the groups in d->scratch: its length, 0 if nothing is left, or negative if it
 * is none that may be changed. *groups: what is left. */
static int cut_groups(struct spool_disk *d, const struct step *s, const struct cut *c,
	const struct frame *f, unsigned *groups)
{
	struct record_head head;
	struct record_span spans[GROUP_COUNT];
	unsigned mask = c->groups;
	*groups = 0;
	if (record_spans(&head, spans, f->body, f->body_len) < 0 || f->number != c->seq ||
		!text_is_equal(head.device_key, s->head->device_key))
		return ERR_FORMAT;
	/* The hub looks for a full record of a device that is new to it. */
	if (head.is_full && !s->head->is_full)
		mask &= ~(1u << GROUP_IDENTITY);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		*groups |= spans[g].len > 0 ? 1u << g : 0;
	if ((*groups & mask) == 0)
		return ERR_FORMAT;
	*groups &= ~mask;
	return *groups == 0 ? 0 : record_cut(d->scratch + FRAME_HEAD, f->body, f->body_len, mask);
}

static int cut_record(struct spool_disk *d, const struct step *s, const struct cut *c)
{
	struct frame f;
	size_t len;
	unsigned groups;
	db_bind(&d->get_record, db_u64(c->seq));
	int found = db_step(&d->get_record);
	if (found <= 0)
		return found;
	const uint8_t *bytes = db_col_blob(&d->get_record, 0, &len);
	/* A damaged one is left to spool_peek, which moves it aside. */
	int kept = frame_read(&f, bytes, len) < 0 ? ERR_FORMAT : cut_groups(d, s, c, &f, &groups);
	size_t was = kept < 0 ? 0 : f.body_len;
	db_reset(&d->get_record);
	if (kept < 0)
		return 0;
	return kept == 0 ? remove_record(d, c->seq)
			 : change_record(d, c->seq, groups, (size_t)kept, was);
}

/* ---- the whole ---- */

static int put_unsent(struct spool_disk *d, const struct step *s, int64_t device, size_t len)
{
	d->unsent_bytes_next += len;
	db_bind(&d->put_unsent, db_u64(s->head->seq), db_i64(device), db_u64(s->groups),
		db_u64(s->counts), db_u64(len));
	return db_run(&d->put_unsent);
}

static int supersede_step(struct spool_disk *d, struct step *s,
	const struct record_span groups[GROUP_COUNT], size_t len, unsigned always)
{
	struct cut cuts[GROUP_COUNT];
	const uint8_t *key = (const uint8_t *)s->head->device_key.p;
	int64_t device = frame_row_of_device(key, s->head->device_key.len, 0) / FRAME_GROUPS_MAX;
	int is_read = read_latest(d, s);
	if (is_read < 0)
		return is_read;
	if (is_read == 1 && read_now(s, groups))
		evaluate(s);
	else
		s->counts = s->groups | BARRIER;
	s->counts |= s->groups & always;
	int count = find_cuts(d, device, s->groups & ~s->counts, cuts);
	int err = count < 0 ? count : 0;
	for (int i = 0; i < count && err == 0; i++)
		err = cut_record(d, s, &cuts[i]);
	return err < 0 ? err : put_unsent(d, s, device, len);
}

int supersede(struct spool_disk *d, const struct record_head *head,
	const struct record_span groups[GROUP_COUNT], size_t len, unsigned always, bool *is_known)
{
	struct step s = {.head = head};
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		s.groups |= groups[g].len > 0 ? 1u << g : 0;
	reading_open(&s.old, &d->blocks);
	reading_open(&s.now, &d->blocks);
	int err = supersede_step(d, &s, groups, len, always);
	reading_close(&s.old);
	reading_close(&s.now);
	*is_known = s.is_known;
	return err < 0 ? err : (int)s.awaits;
}

/* ---- the quota ---- */

enum { AT_ONCE = 64, FREED = 16 }; /* a 16th of the quota at a time */

/* The oldest records of a class: how many, or an error. */
static int list_class(struct spool_disk *d, enum spool_class c, uint64_t ids[AT_ONCE])
{
	static const unsigned meters = 1u << GROUP_METERS, supplies = 1u << GROUP_SUPPLIES;
	unsigned mask = c == SPOOL_METERS ? meters : meters | supplies;
	unsigned groups = c == SPOOL_METERS ? meters : c == SPOOL_SUPPLIES ? supplies : 0;
	int found, count = 0;
	db_bind(&d->list_class, db_u64(mask), db_u64(groups), db_i64(AT_ONCE));
	while ((found = db_step(&d->list_class)) == 1)
		ids[count++] = db_col_u64(&d->list_class, 0);
	return found < 0 ? found : count;
}

static int drop_listed(
	struct spool_disk *d, enum spool_class c, const uint64_t *ids, int count, uint64_t down_to)
{
	int err = 0;
	for (int i = 0; i < count && err == 0 && d->next.bytes > down_to; i++) {
		uint64_t rows = d->next.rows;
		err = disk_drop(d, ids[i], ids[i]);
		d->next.balance.dropped[c] += rows - d->next.rows;
		/* A row without its record. */
		if (err == 0 && rows == d->next.rows)
			return ERR_STORE_CORRUPT;
	}
	return err;
}

static int drop_class(struct spool_disk *d, enum spool_class c, uint64_t down_to)
{
	uint64_t ids[AT_ONCE];
	int count = 1, err = 0;
	while (d->next.bytes > down_to && count > 0 && err == 0) {
		count = list_class(d, c, ids);
		err = count < 0 ? count : drop_listed(d, c, ids, count, down_to);
	}
	return err;
}

/* Meters of which the same device has newer ones: a printer whose meters change to and fro takes
 * the place of its own, not of the last ones of others. */
static int drop_passed_meters(struct spool_disk *d, uint64_t down_to)
{
	uint64_t ids[AT_ONCE], after = 0;
	int count = 1, err = 0;
	while (d->next.bytes > down_to && count > 0 && err == 0) {
		int found;
		count = 0;
		db_bind(&d->list_passed, db_u64(after), db_u64(1u << GROUP_METERS),
			db_i64(AT_ONCE));
		while ((found = db_step(&d->list_passed)) == 1)
			after = ids[count++] = db_col_u64(&d->list_passed, 0);
		err = found < 0 ? found : drop_listed(d, SPOOL_METERS, ids, count, down_to);
	}
	return err;
}

int make_room(struct spool_disk *d, uint64_t max_bytes)
{
	uint64_t down_to = max_bytes - max_bytes / FREED;
	int err = 0;
	if (d->next.bytes <= max_bytes)
		return 0;
	for (int c = 0; c < SPOOL_CLASSES && err == 0; c++) {
		if (c == SPOOL_METERS)
			err = drop_passed_meters(d, down_to);
		if (err == 0)
			err = drop_class(d, (enum spool_class)c, down_to);
	}
	return err;
}
