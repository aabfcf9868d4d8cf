/* SPDX-License-Identifier: Apache-2.0
 * Merge of IPP into SNMP: what is copied and what never is, by examples and by properties of
 * generated pairs of readings. */
#include "proto/reading/reading_merge.h"

#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TONER = 3, INK = 5, FUSER = 15, TONER_CARTRIDGE = 21, CONSUMED = 3, PERCENT = 19 };

static struct slab blocks;
static struct reading snmp, ipp;

static int setup(void **state)
{
	(void)state;
	reading_open(&snmp, &blocks);
	reading_open(&ipp, &blocks);
	ipp.sources = SOURCE_IPP;
	snmp.sources = SOURCE_SNMP;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		snmp.group[g] = (struct group_info){
			.status = GROUP_COMPLETE, .requested_at_ms = 1000, .responded_at_ms = 2000};
		ipp.group[g] = (struct group_info){
			.status = GROUP_COMPLETE, .requested_at_ms = 2500, .responded_at_ms = 3000};
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	reading_close(&snmp);
	reading_close(&ipp);
	return blocks.used == 0 ? 0 : -1;
}

static struct text said(struct reading *r, const char *text)
{
	return reading_text(r, (const uint8_t *)text, strlen(text), LIMIT_TEXT);
}

static struct supply *add_supply(
	struct reading *r, unsigned type, const char *colorant, int32_t level, int32_t max)
{
	struct supply *s = reading_add_supply(r);
	assert_non_null(s);
	s->index = r->supply_count;
	s->type = (uint8_t)type;
	s->supply_class = CONSUMED;
	s->has_level = s->has_max = true;
	s->level = level;
	s->max = max;
	s->colorant = said(r, colorant);
	s->source = r == &ipp ? SOURCE_IPP : 0;
	supply_set_level_kind(s);
	return s;
}

static struct meter *add_meter(struct reading *r, enum meter_name name, uint64_t value)
{
	struct meter *m = reading_add_meter(r);
	assert_non_null(m);
	m->name = (uint8_t)name;
	m->value = value;
	m->source = said(r, r == &ipp ? "ipp:printer-impressions-completed" : "1.3.6.1");
	return m;
}

static struct alert *add_alert(struct reading *r, int32_t code)
{
	struct alert *a = reading_add_alert(r);
	assert_non_null(a);
	a->index = r->alert_count;
	a->code = code;
	a->severity = 3;
	a->description = said(r, "open");
	return a;
}

/* ---- examples --------------------------------------------------------------------------- */

static void test_merge_fills_missing_identity(void **state)
{
	(void)state;
	snmp.identity.vendor = said(&snmp, "Acme");
	snmp.identity.confidence = 30;
	snmp.identity.is_printer = true;
	snmp.identity.why = WHY_PRINTER_MIB;
	ipp.identity.vendor = said(&ipp, "Other");
	ipp.identity.model = said(&ipp, "One");
	ipp.identity.serial = said(&ipp, "S1");
	ipp.identity.mac = said(&ipp, "00:11:22:33:44:55");
	ipp.identity.device_id = said(&ipp, "MFG:Acme;");
	ipp.identity.is_printer = true;
	ipp.identity.why = WHY_IPP;
	struct firmware *w = reading_add_firmware(&ipp);
	w->version = said(&ipp, "1.2");
	assert_int_equal(reading_merge(&snmp, &ipp), 1u << GROUP_IDENTITY);
	assert_true(text_is(snmp.identity.vendor, "Acme"));
	assert_true(text_is(snmp.identity.model, "One"));
	assert_true(text_is(snmp.identity.serial, "S1"));
	assert_true(text_is(snmp.identity.mac, "00:11:22:33:44:55"));
	assert_true(text_is(snmp.identity.device_id, "MFG:Acme;"));
	assert_true(text_is(snmp.identity.firmware->version, "1.2"));
	assert_int_equal(snmp.identity.firmware_count, 1);
	assert_int_equal(snmp.identity.confidence, 90);
	assert_int_equal(snmp.identity.why, WHY_PRINTER_MIB);
	assert_int_equal(snmp.sources, SOURCE_SNMP | SOURCE_IPP);
	assert_int_equal(snmp.group[GROUP_IDENTITY].sources, SOURCE_SNMP | SOURCE_IPP);
	assert_int_equal(snmp.group[GROUP_METERS].sources, SOURCE_SNMP);
	/* The window from the first request of one to the last response of the other. */
	assert_int_equal(snmp.group[GROUP_IDENTITY].requested_at_ms, 1000);
	assert_int_equal(snmp.group[GROUP_IDENTITY].responded_at_ms, 3000);
	assert_int_equal(snmp.group[GROUP_METERS].responded_at_ms, 2000);
	/* The copied texts outlive the IPP reading. */
	assert_true(snmp.identity.model.p != ipp.identity.model.p);
}

static void test_merge_fills_unknown_levels(void **state)
{
	(void)state;
	struct supply *black = add_supply(&snmp, TONER, "black", -3, -2);
	struct supply *cyan = add_supply(&snmp, TONER, "cyan", 40, 100);
	struct supply *fuser = add_supply(&snmp, FUSER, "", -2, -2);
	struct supply *yellow = add_supply(&snmp, TONER, "yellow", 500, -2);
	add_supply(&ipp, TONER_CARTRIDGE, "black", 67, 100)->unit = PERCENT;
	(void)add_supply(&ipp, TONER_CARTRIDGE, "cyan", 12, 100);
	(void)add_supply(&ipp, FUSER, "", -3, 100);
	(void)add_supply(&ipp, TONER, "yellow", 9, 100);
	(void)add_supply(&ipp, TONER, "magenta", 9, 100);
	assert_int_equal(reading_merge(&snmp, &ipp), 1u << GROUP_SUPPLIES);
	assert_int_equal(snmp.supply_count, 4);
	assert_true(supply_percent(black) == 67);
	assert_int_equal(black->source, SOURCE_IPP);
	assert_int_equal(black->unit, PERCENT);
	assert_int_equal(black->type, TONER);
	assert_true(supply_percent(cyan) == 40);
	assert_int_equal(cyan->source, 0);
	assert_int_equal(fuser->level_kind, LEVEL_UNKNOWN);
	assert_int_equal(yellow->level, 500);
	assert_int_equal(yellow->level_kind, LEVEL_UNITS);
}

static void test_merge_leaves_ambiguous_rows(void **state)
{
	(void)state;
	struct supply *one = add_supply(&snmp, INK, "black", -3, -2);
	(void)add_supply(&ipp, INK, "black", 20, 100);
	(void)add_supply(&ipp, INK, "black", 90, 100);
	assert_int_equal(reading_merge(&snmp, &ipp), 0);
	assert_int_equal(one->level_kind, LEVEL_SOME);
	assert_int_equal(snmp.sources, SOURCE_SNMP);
	(void)teardown(NULL);
	(void)setup(NULL);
	one = add_supply(&snmp, INK, "black", -3, -2);
	(void)add_supply(&snmp, INK, "black", -3, -2);
	(void)add_supply(&ipp, INK, "black", 20, 100);
	assert_int_equal(reading_merge(&snmp, &ipp), 0);
	assert_int_equal(one->level_kind, LEVEL_SOME);
}

static void test_merge_copies_missing_rows(void **state)
{
	(void)state;
	(void)add_meter(&snmp, METER_MARKER_LIFE, 5);
	add_meter(&ipp, METER_IMPRESSIONS_TOTAL, 7)->quality = QUALITY_SUSPECT;
	(void)add_meter(&ipp, METER_MARKER_LIFE, 6);
	add_meter(&ipp, METER_VENDOR, 8)->label = said(&ipp, "printer-pages-completed");
	struct supply *ink = add_supply(&ipp, INK, "black", 20, 100);
	ink->description = said(&ipp, "Black");
	ink->part = said(&ipp, "P1");
	ink->serial = said(&ipp, "S1");
	ipp.state.printer_status = 4;
	ipp.pages_per_minute = 20;
	struct subunit *tray = reading_add_subunit(&ipp);
	tray->kind = SUBUNIT_TRAY;
	tray->name = said(&ipp, "Upper");
	assert_int_equal(reading_merge(&snmp, &ipp),
		1u << GROUP_METERS | 1u << GROUP_SUPPLIES | 1u << GROUP_STATE | 1u << GROUP_MEDIA);
	assert_int_equal(snmp.meter_count, 3);
	assert_int_equal(snmp.meters->value, 5);
	assert_int_equal(snmp.meters->next->name, METER_IMPRESSIONS_TOTAL);
	assert_int_equal(snmp.meters->next->quality, QUALITY_SUSPECT);
	assert_true(text_is(snmp.meters->next->source, "ipp:printer-impressions-completed"));
	assert_true(text_is(snmp.meters->next->next->label, "printer-pages-completed"));
	assert_int_equal(snmp.supply_count, 1);
	assert_true(text_is(snmp.supplies->description, "Black"));
	assert_true(text_is(snmp.supplies->part, "P1"));
	assert_true(text_is(snmp.supplies->serial, "S1"));
	assert_int_equal(snmp.supplies->source, SOURCE_IPP);
	assert_int_equal(snmp.state.printer_status, 4);
	assert_int_equal(snmp.pages_per_minute, 20);
	assert_true(text_is(snmp.subunits->name, "Upper"));
}

static void test_merge_copies_alerts_only_if_none(void **state)
{
	(void)state;
	(void)add_alert(&ipp, 1);
	(void)add_alert(&ipp, 8);
	assert_int_equal(reading_merge(&snmp, &ipp), 1u << GROUP_ALERTS);
	assert_int_equal(snmp.alert_count, 1);
	assert_int_equal(snmp.alerts->code, 8);
	assert_true(text_is(snmp.alerts->description, "open"));
	(void)teardown(NULL);
	(void)setup(NULL);
	(void)add_alert(&snmp, 1104);
	(void)add_alert(&ipp, 8);
	assert_int_equal(reading_merge(&snmp, &ipp), 0);
	assert_int_equal(snmp.alert_count, 1);
}

static void test_merge_leaves_groups_not_requested(void **state)
{
	(void)state;
	snmp.group[GROUP_MEDIA].status = GROUP_NOT_REQUESTED;
	snmp.group[GROUP_SUPPLIES].status = GROUP_FAILED;
	ipp.pages_per_minute = 20;
	assert_non_null(reading_add_subunit(&ipp));
	assert_int_equal(reading_merge(&snmp, &ipp), 1u << GROUP_SUPPLIES);
	assert_int_equal(snmp.group[GROUP_MEDIA].status, GROUP_NOT_REQUESTED);
	assert_int_equal(snmp.group[GROUP_SUPPLIES].status, GROUP_COMPLETE);
	assert_int_equal(snmp.group[GROUP_SUPPLIES].sources, SOURCE_IPP);
	assert_int_equal(snmp.group[GROUP_MEDIA].sources, SOURCE_SNMP);
	assert_int_equal(snmp.pages_per_minute, 0);
	assert_int_equal(snmp.subunit_count, 0);
}

static void test_merge_without_snmp_is_ipp(void **state)
{
	(void)state;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		snmp.group[g] =
			(struct group_info){.status = GROUP_FAILED, .requested_at_ms = 1000};
	snmp.group[GROUP_MEDIA].status = GROUP_NOT_REQUESTED;
	ipp.group[GROUP_OPTIONS] = (struct group_info){.status = GROUP_NOT_REQUESTED};
	ipp.identity.is_printer = true;
	ipp.identity.why = WHY_IPP;
	ipp.identity.uptime_cs = 77;
	ipp.pages_per_minute = 20;
	unsigned gained = reading_merge(&snmp, &ipp);
	assert_int_equal(gained, ((1u << GROUP_COUNT) - 1) & ~(1u << GROUP_OPTIONS));
	assert_int_equal(snmp.sources, SOURCE_IPP);
	assert_int_equal(reading_group_sources(&snmp, &snmp.group[GROUP_METERS]), SOURCE_IPP);
	assert_int_equal(snmp.identity.why, WHY_IPP);
	assert_true(snmp.identity.is_printer);
	assert_int_equal(snmp.identity.uptime_cs, 77);
	assert_int_equal(snmp.pages_per_minute, 20);
	assert_int_equal(snmp.group[GROUP_MEDIA].status, GROUP_COMPLETE);
	assert_int_equal(snmp.group[GROUP_OPTIONS].status, GROUP_FAILED);
	assert_int_equal(snmp.group[GROUP_METERS].requested_at_ms, 1000);
	assert_int_equal(snmp.group[GROUP_METERS].responded_at_ms, 3000);
	assert_int_equal(reading_merge(&snmp, &ipp), 0);
	assert_int_equal(snmp.sources, SOURCE_IPP);
}

static void test_merge_without_space_is_partial(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LIMIT_METERS; i++)
		(void)add_meter(&snmp, METER_MARKER_LIFE, i);
	(void)add_meter(&ipp, METER_IMPRESSIONS_TOTAL, 7);
	(void)reading_merge(&snmp, &ipp);
	assert_int_equal(snmp.meter_count, LIMIT_METERS);
	assert_int_equal(snmp.group[GROUP_METERS].status, GROUP_PARTIAL);
}

static void test_poor_readings(void **state)
{
	(void)state;
	assert_true(reading_is_poor(&snmp));
	snmp.identity.model = said(&snmp, "One");
	snmp.identity.serial = said(&snmp, "S1");
	(void)add_meter(&snmp, METER_MARKER_LIFE, 1);
	assert_true(reading_is_poor(&snmp)); /* no supply */
	struct supply *black = add_supply(&snmp, TONER, "black", 5, 100);
	assert_false(reading_is_poor(&snmp));
	struct supply *fuser = add_supply(&snmp, FUSER, "", -2, -2);
	assert_false(reading_is_poor(&snmp)); /* a fuser is no consumable */
	black->level = -3;
	fuser->level = fuser->max = 100;
	supply_set_level_kind(black);
	supply_set_level_kind(fuser);
	assert_true(reading_is_poor(&snmp)); /* toner of unknown level */
	black->level_kind = LEVEL_OK;
	assert_false(reading_is_poor(&snmp));
	snmp.identity.serial.len = 0;
	assert_true(reading_is_poor(&snmp));
	snmp.identity.serial.len = 2;
	snmp.identity.model.len = 0;
	assert_true(reading_is_poor(&snmp));
	snmp.identity.model.len = 3;
	snmp.meter_count = 0;
	assert_true(reading_is_poor(&snmp));
}

/* ---- properties ------------------------------------------------------------------------- */

static uint64_t seed;

static unsigned below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static void make_text(struct reading *r, struct text *t, const char *prefix)
{
	char text[16];
	if (below(2) == 0)
		return;
	(void)snprintf(text, sizeof text, "%s%u", prefix, below(3));
	*t = said(r, text);
}

static void make_supplies(struct reading *r)
{
	static const char *const colorants[] = {"", "black", "cyan", "yellow"};
	static const uint8_t types[] = {0, TONER, INK, FUSER, TONER_CARTRIDGE};
	for (unsigned i = below(6); i > 0; i--) {
		struct supply *s = add_supply(r, types[below(5)], colorants[below(4)],
			(int32_t)below(130) - 4, (int32_t)below(3) * 50 - 2);
		s->has_level = below(5) > 0;
		s->has_max = below(5) > 0;
		supply_set_level_kind(s);
		if (below(10) == 0)
			s->level_kind = (uint8_t)(LEVEL_EMPTY + below(3));
	}
}

static void make_reading(struct reading *r, const char *prefix)
{
	make_text(r, &r->identity.vendor, prefix);
	make_text(r, &r->identity.model, prefix);
	make_text(r, &r->identity.serial, prefix);
	r->identity.is_printer = below(2) == 0;
	for (unsigned i = below(5); i > 0; i--) {
		static const uint8_t names[] = {
			METER_IMPRESSIONS_TOTAL, METER_MARKER_LIFE, METER_VENDOR};
		struct meter *m = add_meter(r, (enum meter_name)names[below(3)], below(100));
		if (m->name == METER_VENDOR)
			make_text(r, &m->label, "l");
	}
	make_supplies(r);
	for (unsigned i = below(4); i > 0; i--)
		(void)add_alert(r, (int32_t)below(6));
	r->state.printer_status = (uint8_t)below(3);
	r->state.has_errors = below(3) == 0;
	r->pages_per_minute = (uint16_t)(below(2) * below(60));
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r->group[g].status = (uint8_t)below(GROUP_STATUS_COUNT);
}

static void make_silent(struct reading *r)
{
	reading_close(r);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r->group[g] = (struct group_info){.status = GROUP_FAILED, .requested_at_ms = 1000};
}

/* The content of a reading, to compare it with the one after the merge. */
struct before {
	struct identity identity;
	struct meter meter[8];
	struct supply supply[8];
	struct alert alert[8];
	struct printer_state state;
	unsigned meters, supplies, alerts;
	uint16_t speed;
	uint8_t status[GROUP_COUNT];
};

static void note(struct before *b, const struct reading *r)
{
	memset(b, 0, sizeof *b);
	b->identity = r->identity;
	for (const struct meter *m = r->meters; m != NULL; m = m->next)
		b->meter[b->meters++] = *m;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next)
		b->supply[b->supplies++] = *s;
	for (const struct alert *a = r->alerts; a != NULL; a = a->next)
		b->alert[b->alerts++] = *a;
	b->state = r->state;
	b->speed = r->pages_per_minute;
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		b->status[g] = r->group[g].status;
}

static void assert_text_kept(struct text before, struct text after)
{
	if (before.len > 0)
		assert_true(before.p == after.p && before.len == after.len);
}

static void assert_rows_kept(const struct before *b, const struct reading *r)
{
	const struct meter *m = r->meters;
	for (unsigned i = 0; i < b->meters; i++, m = m->next) {
		assert_int_equal(m->value, b->meter[i].value);
		assert_int_equal(m->name, b->meter[i].name);
		assert_text_kept(b->meter[i].source, m->source);
	}
	const struct supply *s = r->supplies;
	for (unsigned i = 0; i < b->supplies; i++, s = s->next) {
		const struct supply *was = &b->supply[i];
		assert_int_equal(s->type, was->type);
		assert_int_equal(s->index, was->index);
		assert_text_kept(was->colorant, s->colorant);
		if (was->level_kind == LEVEL_SOME || was->level_kind == LEVEL_UNKNOWN)
			continue;
		assert_int_equal(s->level, was->level);
		assert_int_equal(s->max, was->max);
		assert_int_equal(s->level_kind, was->level_kind);
		assert_int_equal(s->source, was->source);
	}
	const struct alert *a = r->alerts;
	for (unsigned i = 0; i < b->alerts; i++, a = a->next)
		assert_int_equal(a->code, b->alert[i].code);
}

/* No usable value of SNMP is lost or changed. */
static void assert_kept(const struct before *b, const struct reading *r)
{
	assert_text_kept(b->identity.vendor, r->identity.vendor);
	assert_text_kept(b->identity.model, r->identity.model);
	assert_text_kept(b->identity.serial, r->identity.serial);
	assert_true(!b->identity.is_printer || r->identity.is_printer);
	assert_rows_kept(b, r);
	if (b->state.printer_status != 0 || b->state.has_errors)
		assert_memory_equal(&b->state, &r->state, sizeof b->state);
	if (b->speed != 0)
		assert_int_equal(r->pages_per_minute, b->speed);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (b->status[g] == GROUP_COMPLETE || b->status[g] == GROUP_PARTIAL)
			assert_int_equal(r->group[g].status, b->status[g]);
	}
}

static bool is_from_ipp(const struct meter *m)
{
	return m->source.len > 4 && memcmp(m->source.p, "ipp:", 4) == 0;
}

/* No row is duplicated, and every copied row names its source. */
static void assert_added(const struct before *b, const struct reading *r)
{
	unsigned n = 0;
	for (const struct meter *m = r->meters; m != NULL; m = m->next, n++) {
		if (n < b->meters)
			continue;
		assert_true(is_from_ipp(m));
		for (const struct meter *other = r->meters; other != m; other = other->next)
			assert_false(
				other->name == m->name && other->label.len == m->label.len &&
				memcmp(other->label.p == NULL ? "" : other->label.p,
					m->label.p == NULL ? "" : m->label.p, m->label.len) == 0);
	}
	n = 0;
	for (const struct supply *s = r->supplies; s != NULL; s = s->next, n++) {
		bool is_new = n >= b->supplies;
		if (is_new || s->level != b->supply[n].level)
			assert_int_equal(s->source, SOURCE_IPP);
		assert_true(!is_new || b->supplies == 0);
	}
	assert_true(b->alerts == 0 || r->alert_count == b->alerts);
	for (const struct alert *a = r->alerts; a != NULL && b->alerts == 0; a = a->next)
		assert_true(a->code > 2);
}

static void test_merge_of_generated_readings(void **state)
{
	unsigned long cases = test_count("MERGE_CASES"), gains = 0;
	(void)state;
	seed = 88172645463325252u;
	for (unsigned long i = 0; i < cases; i++) {
		struct before before, once;
		(void)teardown(NULL);
		(void)setup(NULL);
		make_reading(&snmp, "s");
		make_reading(&ipp, "i");
		if (below(8) == 0)
			make_silent(&snmp);
		note(&before, &snmp);
		unsigned gained = reading_merge(&snmp, &ipp);
		gains += gained != 0;
		assert_kept(&before, &snmp);
		assert_added(&before, &snmp);
		assert_true((gained != 0) == ((snmp.sources & SOURCE_IPP) != 0));
		note(&once, &snmp);
		uint8_t sources = snmp.sources;
		assert_int_equal(reading_merge(&snmp, &ipp), 0);
		assert_int_equal(snmp.sources, sources);
		struct before twice;
		note(&twice, &snmp);
		assert_memory_equal(&once, &twice, sizeof once);
	}
	assert_true(gains > cases / 4 && gains < cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_merge_fills_missing_identity, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_fills_unknown_levels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_leaves_ambiguous_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_copies_missing_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_merge_copies_alerts_only_if_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_merge_leaves_groups_not_requested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_without_snmp_is_ipp, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_merge_without_space_is_partial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_poor_readings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_of_generated_readings, setup, teardown),
	};
	if (slab_open(&blocks, LIMIT_ARENA_BLOCK, 2 * LIMIT_ARENA_BLOCKS_ONE) < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	slab_close(&blocks);
	return failed;
}
