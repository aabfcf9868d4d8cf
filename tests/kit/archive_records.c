/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/archive_records.h"

struct slab help_blocks;

int help_open_blocks(void **state)
{
	(void)state;
	return slab_open(&help_blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE);
}

int help_close_blocks(void **state)
{
	(void)state;
	assert_int_equal(help_blocks.used, 0);
	slab_close(&help_blocks);
	return 0;
}

struct text help_text(struct reading *r, const char *s)
{
	return reading_text(r, (const uint8_t *)s, strlen(s), LIMIT_TEXT);
}

void help_pack(struct buf *dst, const struct order *o)
{
	struct reading r;
	reading_open(&r, &help_blocks);
	uint8_t status = o->status == 0 ? GROUP_COMPLETE : o->status;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r.group[g] = (struct group_info){.status = status,
			.requested_at_ms = o->read_at_ms - 50,
			.responded_at_ms = o->read_at_ms - 10};
	const char *slash = strchr(o->key, '/');
	r.identity.is_printer = true;
	r.identity.vendor = help_text(&r, "Xerox");
	r.identity.model = help_text(&r, "AltaLink C8135");
	r.identity.serial = help_text(&r, slash != NULL ? slash + 1 : "");
	if (status != GROUP_FAILED) {
		struct meter *m = reading_add_meter(&r);
		assert_non_null(m);
		m->name = METER_IMPRESSIONS_TOTAL;
		m->unit = 7;
		m->value = o->total;
		m->source = help_text(&r, "1.3.6.1.2.1.43.10.2.1.4.1.1");
	}
	r.state.printer_status = 3;
	struct record_head head = {.seq = o->seq,
		.read_at_ms = o->read_at_ms,
		.policy_id = o->policy_id,
		.is_full = !o->is_delta,
		.address = text_of(o->address == NULL ? "127.0.0.1:161" : o->address),
		.device_key = text_of(o->key),
		.age_ms = o->age_ms};
	assert_int_equal(record_pack(dst, &head, &r, o->mask == 0 ? ALL_GROUPS : o->mask), 0);
	reading_close(&r);
}

int help_on_device(void *owner, const struct archive_device *d)
{
	struct shown *s = owner;
	struct reading r;
	reading_open(&r, &help_blocks);
	archive_device_read(d, &r, &s->mask);
	s->total = r.meters == NULL ? UINT64_MAX : r.meters->value;
	s->status = r.group[GROUP_METERS].status;
	s->damaged = d->damaged;
	s->read_at_ms = d->read_at_ms;
	s->meters_read_at_ms = d->group[GROUP_METERS].read_at_ms;
	(void)snprintf(s->key, sizeof s->key, "%.*s", TEXT_ARG(d->key));
	(void)snprintf(s->serial, sizeof s->serial, "%.*s", TEXT_ARG(d->serial));
	(void)snprintf(s->address, sizeof s->address, "%.*s", TEXT_ARG(d->address));
	memcpy(s->agent_id, d->agent_id, sizeof s->agent_id);
	s->devices++;
	reading_close(&r);
	return 0;
}

struct shown help_show(const char *dir, const char *id)
{
	struct shown s = {.total = UINT64_MAX};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	if (archive_view_open(&v, dir, why, sizeof why) < 0)
		fail_msg("archive_view_open: %s", why);
	int n = id == NULL ? archive_view_each(v, help_on_device, &s)
			   : archive_view_find(v, text_of(id), help_on_device, &s);
	assert_int_equal(n, s.devices);
	archive_view_close(v);
	return s;
}

struct archive_counts help_counts(const char *dir)
{
	struct archive_counts c;
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	if (archive_view_open(&v, dir, why, sizeof why) < 0)
		fail_msg("archive_view_open: %s", why);
	assert_int_equal(archive_view_counts(v, &c), 0);
	archive_view_close(v);
	return c;
}

void help_forget(const char *dir)
{
	static const char *const names[] = {
		"store.db", "store.db-wal", "store.db-shm", "store.lock", "ctl.sock", "hub.key"};
	char path[512];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}
