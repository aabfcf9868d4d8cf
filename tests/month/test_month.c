/* SPDX-License-Identifier: Apache-2.0
 * A month of a fleet in virtual time: printers sleep, wake, jam, run empty, get cartridges and
 * boards, and now and then show a level of 0 that is none. Each is polled by the code that polls a
 * live printer, its changed groups become records, and the hub's archive evaluates them. Then:
 *   1. every event of the hub is one of the ledger, in the interval between the same two polls, and
 *      every one of the ledger is there, once;
 *   2. states are no events: at most MOST_EVENTS a printer and day in the median;
 *   3. days left is within a fifth of the ledger's for nine of ten supplies, from the tenth day on.
 */
#include "tests/month/hub_events.h"
#include "tests/month/ledger.h"

#include "engine/hub/merge.h"
#include "engine/store/archive.h"
#include "engine/store/archive_view.h"
#include "proto/mib/recording_agent.h"
#include "proto/model/model.h"
#include "proto/text/charset.h"
#include "tests/counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAYS = 30, MOST_EVENTS = 3, KEY = 64 };

/* A printer as the agent holds it. */
struct agent_device {
	char key[KEY];
	uint64_t digest[GROUP_COUNT];
	bool wants_full;
};

struct world {
	struct ledger ledger;
	struct agent_device *device;
	struct archive *archive;
	struct archive_view *view;
	struct archive_result result;
	struct buf body;
	uint64_t seq, first;
	struct slab blocks;
	struct recording rows;
	char dir[32];
	struct hub_events hub; /* read at the end */
	/* the control: sleeping printers that say so as no printer does */
	bool is_disguised;
	unsigned long polls;
};

/* ---- agent ------------------------------------------------------------------------------ */

/* The rows of the alert table that are states lose what says so. */
static void disguise(struct reading *r)
{
	for (struct alert *a = r->alerts; a != NULL; a = a->next) {
		if (alert_kind(a) != ALERT_STATE)
			continue;
		a->severity = 4;
		a->training = 3;
		a->code = 1;
		a->location = 0;
		a->description = TEXT("Unit 17 reports condition 4");
	}
}

static void read_rows(struct world *w, size_t i, uint64_t now_ms, struct reading *r)
{
	ledger_rows(&w->ledger, i, now_ms, &w->rows);
	recording_poll(r, &w->rows, NULL, models_builtin(), now_ms);
	if (w->is_disguised)
		disguise(r);
	w->polls++;
}

static unsigned changed_groups(struct agent_device *d, const struct reading *r)
{
	unsigned groups = 0;
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].status != GROUP_COMPLETE && r->group[g].status != GROUP_PARTIAL)
			continue;
		uint64_t digest = record_group_digest(r, (enum reading_group)g);
		if (d->wants_full || digest != d->digest[g])
			groups |= 1u << g;
		d->digest[g] = digest;
	}
	return groups;
}

static void poll_printer(struct world *w, size_t i, uint64_t now_ms)
{
	struct agent_device *d = &w->device[i];
	bool is_changed = ledger_poll(&w->ledger, i, now_ms);
	if (!is_changed && !d->wants_full)
		return;
	struct reading r;
	char address[32];
	reading_open(&r, &w->blocks);
	read_rows(w, i, now_ms, &r);
	(void)snprintf(address, sizeof address, "10.0.%zu.%zu:161", i / 250, i % 250 + 1);
	if (d->key[0] == '\0')
		(void)snprintf(d->key, sizeof d->key, "serial:sim/%s-%zu",
			w->ledger.of[i].printer->serial, i);
	unsigned groups = changed_groups(d, &r);
	if (groups != 0) {
		struct record_head head = {.seq = ++w->seq,
			.read_at_ms = now_ms,
			.is_full = d->wants_full,
			.address = text_of(address),
			.device_key = text_of(d->key)};
		assert_int_equal(record_pack(&w->body, &head, &r, groups), 0);
		d->wants_full = false;
	}
	reading_close(&r);
}

/* Devices of which the hub wants the whole. */
static void take_wanted(struct world *w)
{
	const char *at = (const char *)w->result.wanted.data;
	for (uint32_t n = 0; n < w->result.wanted_count; n++, at += strlen(at) + 1) {
		for (size_t i = 0; i < w->ledger.fleet.count; i++) {
			if (strcmp(w->device[i].key, at) == 0)
				w->device[i].wants_full = true;
		}
	}
}

static void send_records(struct world *w, uint64_t now_ms)
{
	static const uint8_t agent[ARCHIVE_AGENT_ID] = {1}, key[44] = {2};
	if (w->body.len == 0)
		return;
	struct archive_batch b = {.agent_id = agent,
		.public_key = key,
		.public_key_len = sizeof key,
		.account = TEXT("month"),
		.site = TEXT("Lyon"),
		.software = TEXT("test"),
		.epoch = 1,
		.first = w->first,
		.last = w->seq,
		.received_at_ms = now_ms + 1000,
		.body = w->body.data,
		.body_len = w->body.len};
	assert_int_equal(archive_begin(w->archive), 0);
	int err = archive_put_batch(w->archive, &b, &w->result);
	if (err < 0)
		fail_msg("archive_put_batch: %s: %s", err_text(err), archive_why(w->archive));
	assert_int_equal(w->result.rejected_count, 0);
	assert_int_equal(archive_commit(w->archive), 0);
	w->first = w->seq + 1;
	buf_clear(&w->body);
	take_wanted(w);
}

static void list_events(struct world *w)
{
	const char **keys = calloc(w->ledger.fleet.count, sizeof *keys);
	assert_non_null(keys);
	for (size_t i = 0; i < w->ledger.fleet.count; i++)
		keys[i] = w->device[i].key;
	hub_events_list(&w->hub, w->view, keys);
	free(keys);
}

/* ---- events a day ------------------------------------------------------------------------ */

static int compare_count(const void *a, const void *b)
{
	return (int)*(const unsigned *)a - (int)*(const unsigned *)b;
}

/* Events of each printer and day, in the median, and the most. */
static unsigned events_a_day(const struct world *w, unsigned *most)
{
	size_t n = w->ledger.fleet.count * DAYS;
	unsigned *count = calloc(n, sizeof *count);
	assert_non_null(count);
	for (size_t i = 0; i < w->hub.events; i++)
		count[w->hub.event[i].printer * DAYS +
			(w->hub.event[i].to_ms - LEDGER_START) / LEDGER_DAY % DAYS]++;
	qsort(count, n, sizeof *count, compare_count);
	unsigned median = count[n / 2];
	*most = count[n - 1];
	free(count);
	return median;
}

/* ---- days left -------------------------------------------------------------------------- */

struct checking {
	struct world *w;
	size_t printer;
	uint64_t now_ms;
	unsigned long known, unknown, good, in_range;
};

static int check_device(void *owner, const struct archive_device *d)
{
	struct checking *c = owner;
	const struct ledger_printer *p = &c->w->ledger.of[c->printer];
	static struct history_state s;
	double days[LEDGER_SUPPLIES];
	assert_int_equal(history_state_unpack(&s, d->evaluation, d->evaluation_len), 0);
	ledger_days_left(&c->w->ledger, c->printer, c->now_ms, days);
	for (unsigned i = 0; i < p->supplies; i++) {
		struct supply key = {.device = p->supply[i].device, .index = p->supply[i].index};
		const struct history_supply *one = history_supply_of(&s, &key);
		struct history_estimate e;
		if (days[i] < 0)
			continue;
		history_estimate(&e, &s, one);
		c->known += e.is_known;
		c->unknown += !e.is_known;
		if (!e.is_known)
			continue;
		/* It counts from the last reading. */
		double ago = (double)(c->now_ms - one->seen_at_ms) / (double)LEDGER_DAY;
		double left = e.days - ago;
		c->in_range += e.days_min <= days[i] + ago && days[i] + ago <= e.days_max;
		double off = (left - days[i]) / days[i];
		bool is_good = off > -0.2 && off < 0.2;
		c->good += is_good;
		if (!is_good && getenv("MONTH_SHOW") != NULL)
			print_message("printer %zu (%s) supply %u.%u: %.2f days, ledger %.2f (%.1f "
				      "to %.1f, %u days %u points%s)\n",
				c->printer, p->printer->profile->name, key.device, key.index, left,
				days[i], e.days_min, e.days_max, e.basis_days, e.points,
				e.has_pages ? ", pages" : "");
	}
	return 0;
}

/* At the end of a day. The share that is within a fifth of the ledger's. */
static double check_days_left(struct world *w, uint64_t now_ms)
{
	struct checking c = {.w = w, .now_ms = now_ms};
	for (c.printer = 0; c.printer < w->ledger.fleet.count; c.printer++)
		assert_int_equal(archive_view_find(w->view, text_of(w->device[c.printer].key),
					 check_device, &c),
			1);
	double share = c.known > 0 ? (double)c.good / (double)c.known : 0;
	double ranged = c.known > 0 ? (double)c.in_range / (double)c.known : 0;
	print_message("day %.1f: days left of %lu supplies known, %lu not; %.1f %% within a fifth, "
		      "%.1f %% in their range\n",
		(double)(now_ms - LEDGER_START) / (double)LEDGER_DAY, c.known, c.unknown,
		100 * share, 100 * ranged);
	assert_true(c.known > 0);
	assert_true(ranged >= 0.8); /* of the 10th to the 90th percentile */
	return share;
}

/* ---- life ------------------------------------------------------------------------------- */

static void open_world(struct world *w, size_t printers)
{
	char why[LIMIT_WHY] = "";
	*w = (struct world){.first = 1};
	(void)snprintf(w->dir, sizeof w->dir, "month_XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	ledger_open(&w->ledger, printers);
	w->device = calloc(printers, sizeof *w->device);
	w->hub = (struct hub_events){.ledger = &w->ledger};
	w->hub.event = calloc(LEDGER_EVENTS, sizeof *w->hub.event);
	w->rows.rows = calloc(PROFILE_ROWS, sizeof *w->rows.rows);
	assert_true(w->device != NULL && w->hub.event != NULL && w->rows.rows != NULL);
	for (size_t i = 0; i < printers; i++)
		w->device[i].wants_full = true;
	assert_int_equal(slab_open(&w->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	buf_open(&w->body, 64u << 20);
	buf_open(&w->rows.arena, 16u << 20);
	assert_int_equal(buf_reserve(&w->rows.arena, 8u << 20), 0); /* its bytes do not move */
	buf_open(&w->result.wanted, LIMIT_WANTED);
	struct archive_options o = {.dir = w->dir, .rule = &merge_rule};
	if (archive_open(&w->archive, &o, why, sizeof why) < 0 ||
		archive_view_open(&w->view, w->dir, why, sizeof why) < 0)
		fail_msg("%s: %s", w->dir, why);
}

static void close_world(struct world *w)
{
	static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm", "lock"};
	char path[64];
	archive_view_close(w->view);
	archive_close(w->archive);
	buf_close(&w->result.wanted);
	buf_close(&w->rows.arena);
	buf_close(&w->body);
	slab_close(&w->blocks);
	free(w->rows.rows);
	free(w->hub.event);
	free(w->device);
	ledger_close(&w->ledger);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", w->dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(w->dir);
}

static void live(struct world *w, unsigned days, double *worst_share)
{
	for (uint64_t hour = 0; hour < 24 * days; hour++) {
		uint64_t now_ms = LEDGER_START + hour * LEDGER_HOUR;
		for (size_t i = 0; i < w->ledger.fleet.count; i++)
			poll_printer(w, i, now_ms);
		send_records(w, now_ms);
		bool is_evening = hour % 24 == 23 && hour / 24 >= 10 && hour / 24 % 3 == 1;
		if (!is_evening || worst_share == NULL)
			continue;
		double share = check_days_left(w, now_ms);
		*worst_share = share < *worst_share ? share : *worst_share;
	}
}

static void test_month_gives_the_ledgers_events_only(void **unused)
{
	(void)unused;
	static struct world w;
	unsigned most;
	double share = 1;
	open_world(&w, test_count("MONTH_PRINTERS"));
	live(&w, DAYS, &share);
	list_events(&w);
	struct difference d = hub_events_compare(&w.hub, false);
	unsigned median = events_a_day(&w, &most);
	print_message(
		"%zu printers, %lu polls: %zu events of the hub, %zu of the ledger (%lu low, "
		"%lu empty, %lu replaced, %lu alerts, %lu resets), %zu states; events a printer "
		"and day: median %u, most %u; %lu missing, %lu surplus\n",
		w.ledger.fleet.count, w.polls, w.hub.events, w.ledger.events, d.of_kind[LEDGER_LOW],
		d.of_kind[LEDGER_EMPTY], d.of_kind[LEDGER_REPLACED], d.of_kind[LEDGER_ALERT],
		d.of_kind[LEDGER_RESET], w.ledger.states, median, most, d.missing, d.surplus);
	assert_int_equal(d.missing + d.surplus, 0);
	for (unsigned kind = 0; kind < LEDGER_KINDS; kind++)
		assert_true(d.of_kind[kind] > 0);
	assert_true(median <= MOST_EVENTS);
	assert_true(
		w.ledger.states > w.hub.events); /* most of what the printers said were states */
	assert_true(share >= 0.9);
	/* Controls: one event more at either side, and one that comes twice, are found. */
	w.ledger.event[w.ledger.events++] = (struct ledger_event){
		.kind = LEDGER_ALERT, .from_ms = LEDGER_START, .to_ms = LEDGER_START + LEDGER_DAY};
	assert_int_equal(hub_events_compare(&w.hub, true).missing, 1);
	w.hub.event[w.hub.events] = w.hub.event[w.hub.events / 2];
	w.hub.events++;
	d = hub_events_compare(&w.hub, true);
	assert_int_equal(d.missing, 1);
	assert_int_equal(d.surplus, 1);
	close_world(&w);
}

/* The control of the states: were they no states, the comparison would find each of them. */
static void test_control_states_without_their_marks_are_found(void **unused)
{
	enum { PRINTERS = 20, CONTROL_DAYS = 3 };
	(void)unused;
	static struct world w;
	open_world(&w, PRINTERS);
	w.is_disguised = true;
	live(&w, CONTROL_DAYS, NULL);
	list_events(&w);
	struct difference d = hub_events_compare(&w.hub, true);
	assert_int_equal(d.missing, 0);
	assert_int_equal(d.surplus, w.ledger.states);
	assert_true(d.surplus > PRINTERS);
	close_world(&w);
}

/* The control of the false zeros: were one enough, as two are, the comparison would find them. */
static void test_control_zeros_that_last_are_found(void **unused)
{
	enum { PRINTERS = 20, CONTROL_DAYS = 6 };
	(void)unused;
	static struct world w;
	open_world(&w, PRINTERS);
	w.ledger.is_zero_held = true;
	live(&w, CONTROL_DAYS, NULL);
	list_events(&w);
	struct difference d = hub_events_compare(&w.hub, true);
	assert_true(d.surplus > 0);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_month_gives_the_ledgers_events_only),
		cmocka_unit_test(test_control_states_without_their_marks_are_found),
		cmocka_unit_test(test_control_zeros_that_last_are_found),
	};
	assert_int_equal(charset_open(), 0);
	int failed = cmocka_run_group_tests_name("month", tests, NULL, NULL);
	return failed;
}
