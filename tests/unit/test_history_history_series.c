/* SPDX-License-Identifier: Apache-2.0
 * Lives of a device by chance: counters that slip, stay at 0, wrap, are reset; supplies that wear,
 * jitter and are replaced; alerts that come and go; readings that come twice. The script is the
 * truth, and for every life:
 *   1. what is billed never falls without a reset event, and is never 0 after more than 0;
 *   2. each reset that lasts gives one event, with the value before it; a slip gives none;
 *   3. the pages billed between resets are the pages made, whether or not the counter wrapped;
 *   4. a supply is low once a cycle and replaced as often as it was; jitter is nothing;
 *   5. alerts raised less alerts cleared are those that are there, and every event lies between two
 *      readings;
 *   6. a reading that is judged again gives nothing new;
 *   7. the order of rows does not matter;
 *   8. readings in part or without a meter, in between or as what is known, change none of it. */
#include "tests/unit/history_life.h"

#include "tests/counts.h"

enum { READINGS = 24, ALERT_KINDS = 6 };

struct life {
	uint64_t seed;
	struct history_state state;
	uint64_t now_ms, before_ms;
	/* meter */
	uint64_t true_pages; /* made since the last reset, and what the counter began with */
	uint64_t shown;      /* what the reading before showed */
	uint64_t billed;     /* the value that is billed now */
	uint64_t made;       /* pages made while nothing was under suspicion or slipped */
	uint64_t billed_sum;
	unsigned resets, resets_told;
	/* supply */
	int level, top;
	unsigned replaced, lows;
	bool is_low_told;
	/* alerts */
	unsigned there[ALERT_KINDS], before[ALERT_KINDS];
};

static uint64_t shown_value(uint64_t pages)
{
	return pages & UINT32_MAX;
}

/* Both readings of the meter beside a second one that never does anything. */
static void put_meters(struct reading *r, struct life *l, uint64_t value)
{
	bool is_turned = below(&l->seed, 2) == 0;
	if (is_turned)
		add_meter(r, METER_SHEETS_TOTAL, 77);
	add_meter(r, METER_IMPRESSIONS_TOTAL, value);
	if (!is_turned)
		add_meter(r, METER_SHEETS_TOTAL, 77);
}

static uint64_t billed_now(const struct life *l, const struct reading *r)
{
	const struct meter *m = r->meters;
	while (m->name != METER_IMPRESSIONS_TOTAL)
		m = m->next;
	const struct history_suspect *s = history_suspect_of(&l->state, m);
	return s != NULL ? s->good : m->value;
}

/* One step of the counter: what the printer shows. */
static uint64_t live_meter(struct life *l, bool *is_true)
{
	uint64_t pages = below(&l->seed, 200);
	*is_true = true;
	switch (below(&l->seed, 12)) {
	case 0:
		*is_true = false;
		return 0; /* a zero by mistake */
	case 1:
		*is_true = false;
		return shown_value(l->true_pages) / 3; /* a slip */
	default:
		l->true_pages += pages;
		return shown_value(l->true_pages);
	}
}

/* Of a 32-bit counter that only rises. */
static uint64_t pages_between(uint64_t before, uint64_t after)
{
	return after >= before ? after - before : after + (UINT64_C(1) << 32) - before;
}

static void judge_meter_of(struct life *l, uint64_t value)
{
	struct reading old, now;
	unsigned before = life_events.count;
	reading_open(&old, &life_blocks);
	reading_open(&now, &life_blocks);
	/* 8: what is shown lacks the meter, or there was a reading without it. */
	bool is_known = l->state.goods > 0;
	if (!is_known || below(&l->seed, 4) > 0)
		put_meters(&old, l, l->shown);
	if (is_known && below(&l->seed, 4) == 0)
		history_meters(&l->state, NULL, 0, &now, l->now_ms - MINUTE, &life_events);
	put_meters(&now, l, value);
	history_meters(&l->state, &old, l->before_ms, &now, l->now_ms, &life_events);
	unsigned count = life_events.count;
	history_meters(&l->state, &now, l->now_ms, &now, l->now_ms, &life_events);
	assert_int_equal(life_events.count, count); /* 6 */
	uint64_t billed = billed_now(l, &now);
	bool is_reset = count > before;
	if (is_reset) {
		assert_int_equal(life_events.event[before].kind, HISTORY_METER_RESET);
		assert_int_equal(life_events.event[before].old_number, l->billed); /* 2 */
		l->resets_told++;
	} else {
		/* 1: only a wrap may be lower, and then the difference is some pages. */
		assert_true(
			billed >= l->billed || pages_between(l->billed, billed) < 200 * READINGS);
		l->billed_sum += pages_between(l->billed, billed);
	}
	assert_true(billed != 0); /* 1 */
	l->billed = billed;
	l->shown = value;
	reading_close(&old);
	reading_close(&now);
}

/* Counters without resets: slips, zeros and wraps only. */
static void live_without_reset(struct life *l)
{
	static const uint64_t starts[] = {1, 5000, UINT64_C(0xffffff00), 178481};
	l->true_pages = starts[below(&l->seed, 4)];
	l->shown = l->billed = shown_value(l->true_pages);
	uint64_t first = l->true_pages;
	for (unsigned i = 0; i < READINGS; i++) {
		bool is_true;
		uint64_t value = live_meter(l, &is_true);
		/* Two slips in a row to the same place would be a reset. */
		if (!is_true && l->state.suspects > 0)
			value = shown_value(l->true_pages);
		judge_meter_of(l, value);
		l->before_ms = l->now_ms;
		l->now_ms += HOUR;
	}
	judge_meter_of(l, shown_value(l->true_pages));
	assert_int_equal(l->resets_told, 0);
	assert_int_equal(l->billed_sum, l->true_pages - first); /* 3 */
}

/* One reset that lasts, somewhere. */
static void live_with_reset(struct life *l)
{
	unsigned when = 2 + (unsigned)below(&l->seed, READINGS - 6);
	l->true_pages = 100000 + below(&l->seed, 1000000);
	l->shown = l->billed = l->true_pages;
	for (unsigned i = 0; i < READINGS; i++) {
		if (i == when)
			l->true_pages = below(&l->seed, 3) * 7; /* perhaps to 0 */
		l->true_pages += 1 + below(&l->seed, 50);
		judge_meter_of(l, i == when && below(&l->seed, 2) == 0 ? 0 : l->true_pages);
		l->before_ms = l->now_ms;
		l->now_ms += HOUR;
	}
	assert_int_equal(l->resets_told, 1); /* 2 */
	assert_int_equal(l->billed, l->true_pages);
}

static void live_supply(struct life *l)
{
	l->level = 40 + (int)below(&l->seed, 60);
	bool was_low = false;
	unsigned lows = 0, replaced = 0;
	for (unsigned i = 0; i < 60; i++) {
		struct reading now;
		l->level -= (int)below(&l->seed, 4);
		/* A supply is replaced only after it was below half for some readings. */
		if (l->level < 12 && below(&l->seed, 6) == 0) {
			l->level = 90 + (int)below(&l->seed, 11);
			replaced++;
			was_low = false;
		}
		l->level = l->level < 0 ? 0 : l->level;
		/* Up to three points of jitter, as sensors have it. */
		int shown = l->level + (int)below(&l->seed, 4) - (int)below(&l->seed, 4);
		shown = shown < 0 ? 0 : shown > 100 ? 100 : shown;
		lows += shown <= 10 && !was_low ? 1 : 0;
		was_low = was_low || shown <= 10;
		reading_open(&now, &life_blocks);
		bool is_turned = below(&l->seed, 2) == 0;
		if (is_turned)
			(void)add_level(&now, 2, 55, 100, "");
		(void)add_level(&now, 1, shown, 100, "");
		if (!is_turned)
			(void)add_level(&now, 2, 55, 100, "");
		add_supplies(&l->state, &now, l->now_ms, 0);
		unsigned count = life_events.count;
		add_supplies(&l->state, &now, l->now_ms, 0);
		assert_int_equal(life_events.count, count); /* 6 */
		reading_close(&now);
		l->now_ms += HOUR;
	}
	assert_int_equal(events_of(HISTORY_SUPPLY_LOW), lows); /* 4 */
	assert_int_equal(events_of(HISTORY_SUPPLY_REPLACED), replaced);
	assert_true(life_events.count < HISTORY_EVENTS); /* none was left out */
}

static void put_alerts(struct reading *r, struct life *l, const unsigned *there)
{
	unsigned begin = (unsigned)below(&l->seed, ALERT_KINDS);
	uint32_t index = 1;
	for (unsigned i = 0; i < ALERT_KINDS; i++) {
		unsigned kind = (begin + i) % ALERT_KINDS;
		for (unsigned n = 0; n < there[kind]; n++)
			(void)add_alert(r, index++, 8 + (int)kind / 2, 800 + (int)kind);
	}
}

static void live_alerts(struct life *l)
{
	unsigned open = 0;
	for (unsigned i = 0; i < READINGS; i++) {
		struct reading old, now;
		unsigned sum = 0;
		memcpy(l->before, l->there, sizeof l->there);
		for (unsigned k = 0; k < ALERT_KINDS; k++) {
			if (below(&l->seed, 4) == 0)
				l->there[k] = (unsigned)below(&l->seed, 3);
			sum += l->there[k];
		}
		reading_open(&old, &life_blocks);
		reading_open(&now, &life_blocks);
		put_alerts(&old, l, l->before);
		put_alerts(&now, l, l->there);
		forget_events();
		history_alerts(&old, l->before_ms, &now, l->now_ms, &life_events);
		open += events_of(HISTORY_ALERT_RAISED);
		open -= events_of(HISTORY_ALERT_CLEARED);
		assert_int_equal(open, sum); /* 5 */
		for (unsigned e = 0; e < life_events.count; e++) {
			assert_true(life_events.event[e].from_ms >= l->before_ms);
			assert_true(life_events.event[e].to_ms <= l->now_ms);
		}
		forget_events();
		history_alerts(&now, l->now_ms, &now, l->now_ms, &life_events);
		assert_int_equal(life_events.count, 0); /* 6 */
		reading_close(&old);
		reading_close(&now);
		l->before_ms = l->now_ms;
		l->now_ms += HOUR;
	}
}

static void test_random_series_keep_the_invariants(void **unused)
{
	(void)unused;
	unsigned long count = test_count("HISTORY_SERIES");
	for (unsigned long n = 0; n < count; n++) {
		static struct life l;
		memset(&l, 0, sizeof l);
		l.seed = 0x9e3779b97f4a7c15u ^ (n + 1);
		l.before_ms = START;
		l.now_ms = START + HOUR;
		forget_events();
		switch (n % 4) {
		case 0:
			live_without_reset(&l);
			break;
		case 1:
			live_with_reset(&l);
			break;
		case 2:
			live_supply(&l);
			break;
		default:
			live_alerts(&l);
			break;
		}
	}
	print_message("%lu lives\n", count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_series_keep_the_invariants)};
	return cmocka_run_group_tests_name(
		"proto/history/history series", tests, life_open, life_close);
}
