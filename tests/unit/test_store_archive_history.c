/* SPDX-License-Identifier: Apache-2.0
 * Events at the hub, as records make them: readings in part, agents that see the same printer,
 * batches that come late or twice, a damaged store. */
#include "engine/store/archive_schema.h"
#include "tests/kit/archive_fixture.h"

enum {
	EVENTS_MAX = 32,
	JAM = 8,
	ASKED = 1u << GROUP_IDENTITY | 1u << GROUP_METERS | 1u << GROUP_ALERTS
};

#define HOUR_MS UINT64_C(3600000)
#define AT(hour) (RECEIVED_MS - 100 * HOUR_MS + (hour)*HOUR_MS)

/* The values that one poll found. */
struct seen {
	uint64_t hour;
	uint8_t status; /* of all groups; 0: complete */
	uint64_t total; /* 0: no meter */
	bool has_jam;
	const char *version; /* of module SYS; NULL: the module is missing */
	int level;           /* of a supply; 0: none */
	bool is_terse;       /* its description says neither colour nor part */
};

static uint64_t next_seq;

static void poll(struct fixture *f, const struct seen *s)
{
	struct reading r;
	reading_open(&r, &help_blocks);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r.group[g].status = s->status == 0 ? GROUP_COMPLETE : s->status;
	r.identity.is_printer = true;
	r.identity.vendor = help_text(&r, "Xerox");
	if (s->version != NULL) {
		struct firmware *fw = reading_add_firmware(&r);
		assert_non_null(fw);
		fw->name = help_text(&r, "SYS");
		fw->version = help_text(&r, s->version);
	}
	if (s->total > 0) {
		struct meter *m = reading_add_meter(&r);
		assert_non_null(m);
		m->name = METER_IMPRESSIONS_TOTAL;
		m->unit = 7;
		m->value = s->total;
	}
	if (s->level > 0) {
		struct supply *x = reading_add_supply(&r);
		assert_non_null(x);
		x->device = x->index = 1;
		x->type = x->supply_class = 3;
		x->has_level = x->has_max = true;
		x->level = s->level;
		x->max = 100;
		x->description =
			help_text(&r, s->is_terse ? "Cartridge" : "Cyan Toner, PN 006R01747");
		x->colorant = help_text(&r, "cyan");
		x->part = help_text(&r, "006R01747");
		supply_set_level_kind(x);
	}
	if (s->has_jam) {
		struct alert *a = reading_add_alert(&r);
		assert_non_null(a);
		a->device = a->index = 1;
		a->group_index = 1;
		a->severity = 3;
		a->group = 13;
		a->code = JAM;
		a->description = help_text(&r, "Jam");
	}
	struct record_head head = {.seq = ++next_seq,
		.read_at_ms = AT(s->hour),
		.is_full = true,
		.address = TEXT("127.0.0.1:161"),
		.device_key = TEXT(KEY)};
	unsigned groups = ASKED | (s->level > 0 ? 1u << GROUP_SUPPLIES : 0);
	assert_int_equal(record_pack(&f->body, &head, &r, groups), 0);
	reading_close(&r);
	f->first = f->first == 0 ? head.seq : f->first;
	f->last = head.seq;
}

static void poll_now(struct fixture *f, const struct seen *s)
{
	poll(f, s);
	assert_int_equal(put(f), 0);
}

/* ---- what the hub says ------------------------------------------------------------------ */

struct event_row {
	uint8_t kind;
	uint64_t from_ms, to_ms, ended_from_ms, ended_to_ms;
	char old_text[32], new_text[32];
};

struct all_told {
	struct event_row event[EVENTS_MAX]; /* newest first */
	unsigned count;
};

static int take_event(void *owner, const struct archive_event *h)
{
	struct all_told *all = owner;
	assert_true(all->count < EVENTS_MAX);
	struct event_row *t = &all->event[all->count++];
	*t = (struct event_row){.kind = h->kind,
		.from_ms = h->from_ms,
		.to_ms = h->to_ms,
		.ended_from_ms = h->ended_from_ms,
		.ended_to_ms = h->ended_to_ms};
	(void)snprintf(t->old_text, sizeof t->old_text, "%.*s", TEXT_ARG(h->old_text));
	(void)snprintf(t->new_text, sizeof t->new_text, "%.*s", TEXT_ARG(h->new_text));
	return 0;
}

static struct all_told ask(const struct fixture *f)
{
	struct all_told all = {.count = 0};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	if (archive_view_open(&v, f->dir, why, sizeof why) < 0)
		fail_msg("archive_view_open: %s", why);
	int n = archive_view_events(
		v, &(struct archive_event_filter){.max = EVENTS_MAX}, take_event, &all);
	assert_int_equal(n, all.count);
	archive_view_close(v);
	return all;
}

static struct event_row the_only_one(const struct fixture *f, enum history_kind kind)
{
	struct all_told all = ask(f);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.event[0].kind, kind);
	return all.event[0];
}

static int begin(void **state)
{
	next_seq = 0;
	return archive_setup(state);
}

/* ---- readings in part ------------------------------------------------------------------- */

static void test_meter_reset_is_found_across_a_partial_reading(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1, .total = 5000});
	poll_now(f, &(struct seen){.hour = 2, .total = 5100, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 3, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 4, .total = 10});
	assert_int_equal(ask(f).count, 0);
	restart(f);
	poll_now(f, &(struct seen){.hour = 5, .total = 12});
	struct event_row t = the_only_one(f, HISTORY_METER_RESET);
	assert_string_equal(t.old_text, "5100");
	assert_string_equal(t.new_text, "10");
	assert_int_equal(t.from_ms, AT(2));
	assert_int_equal(t.to_ms, AT(4));
}

static void test_alert_continues_across_a_partial_reading(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1});
	poll_now(f, &(struct seen){.hour = 2, .has_jam = true});
	poll_now(f, &(struct seen){.hour = 3, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 4, .has_jam = true});
	struct event_row t = the_only_one(f, HISTORY_ALERT_RAISED);
	assert_int_equal(t.from_ms, AT(1));
	assert_int_equal(t.to_ms, AT(2));
	assert_int_equal(t.ended_to_ms, 0);
	/* A row missing from a reading in part may have gone before it, or after it. */
	poll_now(f, &(struct seen){.hour = 5, .status = GROUP_PARTIAL});
	restart(f);
	poll_now(f, &(struct seen){.hour = 6, .status = GROUP_PARTIAL});
	assert_int_equal(the_only_one(f, HISTORY_ALERT_RAISED).ended_to_ms, 0);
	poll_now(f, &(struct seen){.hour = 7});
	t = the_only_one(f, HISTORY_ALERT_RAISED);
	assert_int_equal(t.ended_from_ms, AT(4));
	assert_int_equal(t.ended_to_ms, AT(7));
	/* And what it shows need not have come just before. */
	poll_now(f, &(struct seen){.hour = 8, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 9, .has_jam = true});
	struct all_told all = ask(f);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.event[0].from_ms, AT(7));
	assert_int_equal(all.event[0].to_ms, AT(9));
}

static void test_first_complete_reading_has_no_earlier_bound(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 2, .has_jam = true, .version = "1.0"});
	struct event_row t = the_only_one(f, HISTORY_ALERT_RAISED);
	assert_int_equal(t.from_ms, 0); /* not known since when */
	assert_int_equal(t.to_ms, AT(2));
}

static void test_firmware_change_is_found_across_a_partial_reading(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1, .version = "1.0"});
	poll_now(f, &(struct seen){.hour = 2, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 3, .version = "1.0"});
	assert_int_equal(ask(f).count, 0);
	poll_now(f, &(struct seen){.hour = 4, .status = GROUP_PARTIAL, .version = "2.0"});
	poll_now(f, &(struct seen){.hour = 5, .version = "2.0"});
	poll_now(f, &(struct seen){.hour = 6, .version = "2.0"});
	struct event_row t = the_only_one(f, HISTORY_FIRMWARE_CHANGED);
	assert_string_equal(t.old_text, "1.0");
	assert_string_equal(t.new_text, "2.0");
	assert_int_equal(t.from_ms, AT(3));
	assert_int_equal(t.to_ms, AT(5));
}

/* ---- agents, late batches, damage ------------------------------------------------------- */

static void become(struct fixture *f, uint8_t agent)
{
	memset(f->agent, agent, sizeof f->agent);
	memset(f->key, agent, sizeof f->key);
}

static void test_two_agents_report_one_event(void **state)
{
	struct fixture *f = *state;
	static const struct seen series[] = {{.hour = 1, .total = 5000, .version = "1.0"},
		{.hour = 2, .total = 5010, .has_jam = true, .version = "2.0"},
		{.hour = 3, .total = 5020, .version = "2.0"}};
	for (unsigned i = 0; i < 3; i++) {
		for (uint8_t agent = 0xa1; agent <= 0xa2; agent++) {
			become(f, agent);
			poll_now(f, &series[i]);
		}
	}
	struct all_told all = ask(f);
	assert_int_equal(all.count, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(all.event[i].from_ms, AT(1));
		assert_int_equal(all.event[i].to_ms, AT(2));
		if (all.event[i].kind == HISTORY_ALERT_RAISED)
			assert_int_equal(all.event[i].ended_to_ms, AT(3));
		else
			assert_int_equal(all.event[i].kind, HISTORY_FIRMWARE_CHANGED);
	}
}

static void test_late_and_duplicate_records_give_no_event(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1, .total = 5000});
	poll_now(f, &(struct seen){.hour = 10, .total = 5100});
	next_seq = 100;
	become(f, 0xa2);
	/* An agent that was cut off for long: all of it is older than what is known. */
	poll(f, &(struct seen){.hour = 2, .total = 20, .has_jam = true, .version = "0.9"});
	poll(f, &(struct seen){.hour = 3, .total = 30, .version = "0.8"});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 2);
	next_seq = 100;
	poll(f, &(struct seen){.hour = 2, .total = 20, .has_jam = true, .version = "0.9"});
	poll(f, &(struct seen){.hour = 3, .total = 30, .version = "0.8"});
	assert_int_equal(put(f), 0);
	assert_int_equal(f->result.stored, 0);
	assert_int_equal(ask(f).count, 0);
}

/* The stored group of alerts is damaged: the alerts that have no end are used in its place. */
static void test_alerts_survive_a_damaged_group(void **state)
{
	struct fixture *f = *state;
	poll_now(f, &(struct seen){.hour = 1});
	poll_now(f, &(struct seen){.hour = 2, .has_jam = true});
	for (unsigned i = 0; i < 2; i++) {
		char why[LIMIT_WHY] = "";
		struct db *db;
		struct db_options o = {
			.dir = f->dir, .file = ARCHIVE_FILE, .schema = &archive_schema};
		archive_close(f->archive);
		assert_int_equal(db_open(&db, &o, why, sizeof why), 0);
		assert_int_equal(db_exec(db, "UPDATE device_groups SET crc = crc + 1"), 0);
		db_close(db);
		open_archive(f);
		poll_now(f, &(struct seen){.hour = 3 + i, .has_jam = i == 0});
		struct event_row t = the_only_one(f, HISTORY_ALERT_RAISED);
		assert_int_equal(t.from_ms, AT(1));
		assert_int_equal(t.ended_from_ms, i == 0 ? 0 : AT(3));
		assert_int_equal(t.ended_to_ms, i == 0 ? 0 : AT(4));
	}
}

static uint64_t events_gone(const struct fixture *f)
{
	return help_counts(f->dir).events_gone;
}

/* The table is trimmed whenever an event's number is a multiple of 256. */
static int read_estimate(void *owner, const struct archive_device *d)
{
	static struct history_state s;
	struct supply key = {.device = 1, .index = 1};
	assert_int_equal(history_state_unpack(&s, d->evaluation, d->evaluation_len), 0);
	history_estimate(owner, &s, history_supply_of(&s, &key));
	return 0;
}

static struct history_estimate estimate(const struct fixture *f)
{
	struct history_estimate e = {.is_known = false};
	struct archive_view *v;
	char why[LIMIT_WHY] = "";
	if (archive_view_open(&v, f->dir, why, sizeof why) < 0)
		fail_msg("archive_view_open: %s", why);
	assert_int_equal(archive_view_find(v, text_of(KEY), read_estimate, &e), 1);
	archive_view_close(v);
	return e;
}

static void test_days_left_survive_a_restart(void **state)
{
	struct fixture *f = *state;
	for (unsigned day = 0; day < 4; day++)
		poll_now(f, &(struct seen){.hour = 24 * day,
				    .total = 1000 + 100 * day,
				    .level = 90 - 5 * (int)day});
	restart(f);
	assert_false(estimate(f).is_known);
	f->later_ms += 300 * HOUR_MS;
	for (unsigned day = 4; day < 10; day++)
		poll_now(f, &(struct seen){.hour = 24 * day,
				    .total = 1000 + 100 * day,
				    .level = 90 - 5 * (int)day});
	struct history_estimate e = estimate(f);
	assert_true(e.is_known && e.has_pages);
	assert_true(e.days > 8 && e.days < 10); /* 45 % at 5 % a day */
	assert_int_equal(e.basis_days, 9);
	restart(f);
	struct history_estimate again = estimate(f);
	assert_true(again.days == e.days && again.points == e.points);
}

static int take_supply(void *owner, const struct archive_event *h)
{
	char *line = owner;
	(void)snprintf(line, 128, "%.*s: %s %.*s %.*s %.*s>%.*s", TEXT_ARG(h->what),
		supply_type_name(h->supply_type), TEXT_ARG(h->colorant), TEXT_ARG(h->part),
		TEXT_ARG(h->old_text), TEXT_ARG(h->new_text));
	return 0;
}

static void test_supply_event_is_stored_with_its_part(void **state)
{
	struct fixture *f = *state;
	static const char *const lines[] = {
		"Cyan Toner, PN 006R01747: toner cyan 006R01747 30.00 %>9.00 %",
		"Cartridge, cyan, 006R01747: toner cyan 006R01747 9.00 %>99.00 %"};
	for (unsigned i = 0; i < 2; i++) {
		struct archive_view *v;
		char why[LIMIT_WHY] = "", line[128] = "";
		bool is_terse = i == 1;
		poll_now(f, &(struct seen){.hour = 1 + 2 * i, .level = 30, .is_terse = is_terse});
		poll_now(f, &(struct seen){.hour = 2 + 2 * i, .level = 9, .is_terse = is_terse});
		if (is_terse)
			poll_now(f, &(struct seen){.hour = 9, .level = 99, .is_terse = true});
		assert_int_equal(archive_view_open(&v, f->dir, why, sizeof why), 0);
		assert_int_equal(archive_view_events(v, &(struct archive_event_filter){.max = 1},
					 take_supply, line),
			1);
		archive_view_close(v);
		assert_string_equal(line, lines[i]);
	}
}

static void test_oldest_events_are_dropped_and_counted(void **state)
{
	struct fixture *f = *state;
	enum { NEXT = (LIMIT_EVENT_ROWS / 256 + 1) * 256, GONE = NEXT - LIMIT_EVENT_ROWS };
	char sql[256], why[LIMIT_WHY] = "";
	struct db *db;
	struct db_options o = {.dir = f->dir, .file = ARCHIVE_FILE, .schema = &archive_schema};
	poll_now(f, &(struct seen){.hour = 1, .version = "1.0"});
	poll_now(f, &(struct seen){.hour = 2, .version = "2.0"});
	assert_int_equal(ask(f).count, 1);
	assert_int_equal(events_gone(f), 0);
	archive_close(f->archive);
	assert_int_equal(db_open(&db, &o, why, sizeof why), 0);
	static const int offsets[] = {GONE, GONE + 1, NEXT - 1};
	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(sql, sizeof sql,
			"CREATE TEMP TABLE t AS SELECT * FROM events WHERE id = 1;"
			"UPDATE t SET id = %d; INSERT INTO events SELECT * FROM t; DROP TABLE t",
			offsets[i]);
		assert_int_equal(db_exec(db, sql), 0);
	}
	db_close(db);
	open_archive(f);
	poll_now(f, &(struct seen){.hour = 3, .version = "3.0"});
	assert_int_equal(ask(f).count, 3); /* of five: number 1 and number GONE are gone */
	assert_int_equal(events_gone(f), GONE);
}

/* A store from before the last step of the schema. */
static void test_older_store_opens(void **state)
{
	struct fixture *f = *state;
	char why[LIMIT_WHY] = "";
	struct db *db;
	struct db_schema older = archive_schema;
	older.version--;
	struct db_options o = {.dir = f->dir, .file = ARCHIVE_FILE, .schema = &older};
	archive_close(f->archive);
	help_forget(f->dir);
	assert_int_equal(db_open(&db, &o, why, sizeof why), 0);
	db_close(db);
	open_archive(f);
	poll_now(f, &(struct seen){.hour = 1, .version = "1.0"});
	poll_now(f, &(struct seen){.hour = 2, .status = GROUP_PARTIAL});
	poll_now(f, &(struct seen){.hour = 3, .version = "1.1"});
	assert_string_equal(the_only_one(f, HISTORY_FIRMWARE_CHANGED).old_text, "1.0");
}

#define HISTORY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, archive_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY_TEST(test_meter_reset_is_found_across_a_partial_reading),
		HISTORY_TEST(test_alert_continues_across_a_partial_reading),
		HISTORY_TEST(test_first_complete_reading_has_no_earlier_bound),
		HISTORY_TEST(test_firmware_change_is_found_across_a_partial_reading),
		HISTORY_TEST(test_two_agents_report_one_event),
		HISTORY_TEST(test_late_and_duplicate_records_give_no_event),
		HISTORY_TEST(test_alerts_survive_a_damaged_group),
		HISTORY_TEST(test_older_store_opens),
		HISTORY_TEST(test_days_left_survive_a_restart),
		HISTORY_TEST(test_supply_event_is_stored_with_its_part),
		HISTORY_TEST(test_oldest_events_are_dropped_and_counted)};
	return cmocka_run_group_tests_name(
		"store/archive history", tests, help_open_blocks, help_close_blocks);
}
