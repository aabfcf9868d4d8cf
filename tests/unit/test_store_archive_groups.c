/* SPDX-License-Identifier: Apache-2.0
 * The hub's store with agents of two minors of the schema: what it kept of an older one is shown as
 * it was; a newer one adds groups to the same device; each group has the newest reading of it. */
#include "tests/kit/archive_fixture.h"

/* Of proto/wire/vectors/record_full_v0.bin: what an agent of minor 0 sent. */
#define OLD_KEY "serial:xerox/3TX123456"
#define OLD_READ_AT UINT64_C(1795352800123)

enum { OLD_SEQ = 41, OLD_GROUPS = (1u << GROUP_OPTIONS) - 1 };

static void order_old(struct fixture *f)
{
	static uint8_t bytes[4096];
	FILE *in = fopen(PLATEN_SOURCE_DIR "/proto/wire/vectors/record_full_v0.bin", "rb");
	assert_non_null(in);
	size_t n = fread(bytes, 1, sizeof bytes, in);
	assert_int_equal(fclose(in), 0);
	assert_true(n > 0 && n < sizeof bytes);
	assert_int_equal(buf_put(&f->body, bytes, n), 0);
	f->first = f->last = OLD_SEQ;
	f->later_ms = OLD_READ_AT + 1000 - RECEIVED_MS;
}

/* A reading of today, of the same device. */
static void order_new(struct fixture *f, uint64_t seq, uint64_t read_at_ms, unsigned mask,
	uint8_t sources, int64_t used)
{
	struct reading r;
	reading_open(&r, &help_blocks);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r.group[g] = (struct group_info){.status = GROUP_COMPLETE, .sources = sources};
	struct option *o = reading_add_option(&r);
	struct subunit *s = reading_add_subunit(&r);
	struct maintenance *m = reading_add_maintenance(&r);
	o->kind = OPTION_FINISHER;
	o->name = help_text(&r, "Stapler");
	s->name = help_text(&r, "Tray 1");
	s->has_level = true;
	s->level = (int32_t)used;
	r.pages_per_minute = 35;
	m->name = help_text(&r, "Fuser");
	m->life = m->left = m->percent_x100 = -1;
	m->used = used;
	struct record_head head = {.seq = seq,
		.read_at_ms = read_at_ms,
		.is_full = mask == ALL_GROUPS,
		.address = TEXT("192.0.2.17"),
		.device_key = TEXT(OLD_KEY)};
	assert_int_equal(record_pack(&f->body, &head, &r, mask), 0);
	reading_close(&r);
	f->first = f->first == 0 ? seq : f->first;
	f->last = seq;
}

struct view {
	struct reading r;
	unsigned mask;
	int count;
};

static int take_device(void *owner, const struct archive_device *d)
{
	struct view *v = owner;
	archive_device_read(d, &v->r, &v->mask);
	assert_int_equal(d->damaged, 0);
	v->count++;
	return 0;
}

/* The device as it is shown now; the caller closes the reading. */
static void look(const struct fixture *f, struct view *ret)
{
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	*ret = (struct view){.count = 0};
	reading_open(&ret->r, &help_blocks);
	if (archive_view_open(&v, f->dir, why, sizeof why) < 0)
		fail_msg("archive_view_open: %s", why);
	assert_int_equal(archive_view_find(v, TEXT(OLD_KEY), take_device, ret), 1);
	archive_view_close(v);
}

static void test_device_of_an_older_agent_is_shown(void **state)
{
	struct fixture *f = *state;
	struct view v;
	order_old(f);
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 1);
	restart(f);
	look(f, &v);
	assert_int_equal(v.mask, OLD_GROUPS);
	assert_int_equal(v.r.sources, SOURCE_SNMP);
	assert_true(text_is(v.r.identity.serial, "3TX123456"));
	assert_int_equal(v.r.meters->value, 178481);
	assert_int_equal(v.r.option_count + v.r.subunit_count + v.r.maintenance_count, 0);
	reading_close(&v.r);
}

static void test_newer_agent_adds_groups(void **state)
{
	struct fixture *f = *state;
	struct view v;
	const unsigned parts = ALL_GROUPS & ~(unsigned)OLD_GROUPS;
	order_old(f);
	assert_int_equal(put(f), 0);
	f->later_ms += 10000;
	order_new(f, 42, OLD_READ_AT + 5000, parts, SOURCE_SNMP | SOURCE_IPP, 700);
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 1);
	restart(f);
	look(f, &v);
	assert_int_equal(v.mask, ALL_GROUPS);
	assert_int_equal(v.r.meters->value, 178481);
	assert_true(text_is(v.r.options->name, "Stapler"));
	assert_int_equal(v.r.options->kind, OPTION_FINISHER);
	assert_int_equal(v.r.subunits->level, 700);
	assert_int_equal(v.r.pages_per_minute, 35);
	assert_int_equal(v.r.maintenance->used, 700);
	assert_int_equal(v.r.maintenance->left, -1);
	assert_int_equal(v.r.sources, SOURCE_SNMP | SOURCE_IPP);
	assert_int_equal(v.r.group[GROUP_METERS].sources, SOURCE_SNMP);
	reading_close(&v.r);
}

/* Each group on its own: the newest reading of it wins, in whatever order records come. */
static void test_newest_of_each_group_is_shown(void **state)
{
	struct fixture *f = *state;
	struct view v;
	order_new(f, 3, NEW_MS, 1u << GROUP_MEDIA, SOURCE_SNMP, 3);
	assert_int_equal(put(f), 0);
	f->epoch++; /* as if the agent's older records came late */
	order_new(f, 1, OLD_MS, ALL_GROUPS, SOURCE_SNMP, 1);
	order_new(f, 2, OLD_MS + 1, 1u << GROUP_MAINTENANCE, SOURCE_IPP, 2);
	assert_int_equal(put(f), 0);
	look(f, &v);
	assert_int_equal(v.mask, ALL_GROUPS);
	assert_int_equal(v.r.subunit_count, 1);
	assert_int_equal(v.r.subunits->level, 3);
	assert_int_equal(v.r.maintenance_count, 1);
	assert_int_equal(v.r.maintenance->used, 2);
	assert_int_equal(v.r.group[GROUP_MAINTENANCE].sources, SOURCE_IPP);
	assert_int_equal(v.r.group[GROUP_OPTIONS].sources, SOURCE_SNMP);
	reading_close(&v.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_device_of_an_older_agent_is_shown),
		TEST(test_newer_agent_adds_groups),
		TEST(test_newest_of_each_group_is_shown),
	};
	return cmocka_run_group_tests(tests, help_open_blocks, help_close_blocks);
}
