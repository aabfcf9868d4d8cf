/* SPDX-License-Identifier: Apache-2.0
 * 30 days of a fleet in virtual time through collector, spool and hub, with one sync a day, while
 * the hub is away for 3 days: each day's content arrives, oldest first; the store stays below its
 * maximum and the memory flat; the hub has each printer as it was last kept and when it was last
 * read, and the events of the ledger, each once. A second agent reads the same printers and has its
 * hub on all 30 days: both hubs hold the same in the end. */
#include "bench/payload.h"
#include "tests/counts.h"
#include "tests/month/hub_events.h"

#include "engine/store/spool.h"
#include "proto/base/crc.h"
#include "proto/base/slab.h"
#include "proto/text/charset.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	DAYS = 30,
	AWAY_FROM = 10, /* days without a hub: AWAY_FROM to AWAY_TO - 1 */
	AWAY_TO = 13,
	FULL_POLL_HOURS = 12,
	FIRST_ADDRESS = 0x0a000001, /* of bench/payload_agent.c */
	SPREAD_S = 1500,            /* within it all printers of a cycle are read */
	ON_THE_WAY_MS = 1000,       /* of a message to the hub, which dates by its own clock */
	WARM_DAY = 15,
	GROWTH_KIB = 8192, /* of the resident memory after WARM_DAY */
	KEY = 300
};

struct world {
	uint64_t days;
	bool is_control; /* failed syncs freeze nothing */
	struct payload_fleet fleet;
	struct payload_agent *agent, *steady; /* `steady`: whose hub is never away */
	struct slab blocks;
	uint64_t *kept_ms; /* by printer: of its last record */
	uint64_t *read_ms; /* of its last poll */
	bool *is_repeated; /* its last poll was like the one before */
	char (*key)[KEY];
	size_t syncs, steady_syncs, records, devices, wrong;
	size_t unlike;  /* groups and evaluations that the two hubs have otherwise */
	size_t covered; /* rows of coverage that the hub showed as they were */
	off_t largest;  /* bytes of the store and its log */
	long warm_kib, end_kib;
};

void payload_fail(const char *what, int err)
{
	fail_msg("%s: %s", what, err_text(err));
}

static off_t size_of(const char *dir, const char *name)
{
	char path[256];
	struct stat st;
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return stat(path, &st) == 0 ? st.st_size : 0;
}

static long resident_kib(void)
{
	long pages = 0, unused = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &unused, &pages), 2);
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void read_printer(
	struct world *w, struct payload_agent *agent, size_t i, uint64_t now_ms, bool is_full)
{
	struct reading r;
	reading_open(&r, &w->blocks);
	payload_fleet_poll(&w->fleet, i, now_ms, !is_full, &r);
	payload_agent_read(agent, i, &r, now_ms, is_full);
	reading_close(&r);
}

/* A poll is left out if it is the third one of a printer that did not change: one that repeats its
 * predecessor may confirm a level. */
static void poll_all(struct world *w, uint64_t now_ms, bool is_full)
{
	struct spool *spool = payload_agent_spool(w->agent);
	for (size_t i = 0; i < w->fleet.count; i++) {
		bool is_changed = payload_fleet_changes(&w->fleet, i, now_ms);
		w->read_ms[i] = now_ms + i * 7919 % SPREAD_S * 1000;
		payload_agent_polled(w->agent, i, w->read_ms[i]);
		if (!is_changed && !is_full && w->is_repeated[i])
			continue;
		w->is_repeated[i] = !is_changed;
		uint64_t before = spool_next_seq(spool);
		read_printer(w, w->agent, i, now_ms, is_full);
		read_printer(w, w->steady, i, now_ms, is_full);
		if (spool_next_seq(spool) != before)
			w->kept_ms[i] = now_ms;
	}
	payload_agent_settle(w->agent);
	payload_agent_settle(w->steady);
}

/* kept = receipted + pending + superseded + quarantined + dropped */
static void check_balance(struct world *w)
{
	struct spool_counts c;
	spool_counts(payload_agent_spool(w->agent), &c);
	const struct spool_balance *b = &c.balance;
	uint64_t dropped = 0;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		dropped += b->dropped[i];
	assert_int_equal(
		b->kept, b->receipted + c.pending + b->superseded + b->quarantined + dropped);
	assert_int_equal(dropped + b->quarantined, 0);
}

static size_t printer_of(const struct world *w, const struct archive_device *d)
{
	char host[INET_ADDRSTRLEN] = "";
	struct in_addr address;
	size_t len = strcspn(d->address.p, ":");
	(void)snprintf(host, sizeof host, "%.*s", (int)len, d->address.p);
	assert_int_equal(inet_pton(AF_INET, host, &address), 1);
	size_t i = ntohl(address.s_addr) - FIRST_ADDRESS;
	assert_true(i < w->fleet.count);
	return i;
}

static struct archive_view *hub_of(struct payload_agent *agent)
{
	struct archive_view *view;
	char why[LIMIT_WHY] = "";
	if (archive_view_open(&view, payload_agent_hub_dir(agent), why, sizeof why) < 0)
		fail_msg("%s", why);
	return view;
}

static int see_coverage(void *owner, const struct archive_device *d)
{
	struct world *w = owner;
	assert_int_equal(d->complete_at_ms, w->read_ms[printer_of(w, d)] + ON_THE_WAY_MS);
	w->covered++;
	return 0;
}

/* After a sync the hub knows of each printer when it was last read. */
static void check_coverage(struct world *w)
{
	struct archive_view *view = hub_of(w->agent);
	int devices = archive_view_each(view, see_coverage, w);
	assert_int_equal(devices, w->fleet.count);
	archive_view_close(view);
}

static void sync_day(struct world *w, uint64_t now_ms, uint64_t *last)
{
	struct payload_sync sync;
	struct spool_counts c;
	payload_agent_sync(w->agent, now_ms, &sync, NULL);
	spool_counts(payload_agent_spool(w->agent), &c);
	assert_int_equal(c.pending, 0);
	assert_true(sync.records == 0 || sync.first > *last); /* oldest first, over all syncs */
	*last = sync.records > 0 ? sync.last : *last;
	w->syncs += sync.records > 0;
	w->records += sync.records;
	check_coverage(w);
}

static void live(struct world *w)
{
	const char *dir = payload_agent_dir(w->agent);
	uint64_t last = 0;
	for (uint64_t hour = 0; hour < 24 * w->days; hour++) {
		uint64_t now_ms = payload_start_ms() + hour * PAYLOAD_HOUR, day = hour / 24;
		poll_all(w, now_ms, hour % FULL_POLL_HOURS == 0);
		off_t size = size_of(dir, "store.db") + size_of(dir, "store.db-wal");
		w->largest = size > w->largest ? size : w->largest;
		if (hour % 24 != 23)
			continue;
		struct payload_sync sync;
		check_balance(w);
		payload_agent_sync(w->steady, now_ms + PAYLOAD_HOUR / 2, &sync, NULL);
		w->steady_syncs += sync.records > 0;
		if (day < AWAY_FROM || day >= AWAY_TO)
			sync_day(w, now_ms + PAYLOAD_HOUR / 2, &last);
		else if (!w->is_control)
			payload_agent_sync_fails(w->agent);
		if (day == WARM_DAY)
			w->warm_kib = resident_kib();
	}
	w->end_kib = resident_kib();
	check_balance(w);
}

/* ---- what the hubs hold in the end ---- */
static int see_device(void *owner, const struct archive_device *d)
{
	struct world *w = owner;
	size_t i = printer_of(w, d);
	assert_int_equal(w->key[i][0], '\0'); /* one device a printer */
	(void)snprintf(w->key[i], KEY, "%.*s", TEXT_ARG(d->key));
	w->devices++;
	w->wrong += d->read_at_ms != w->kept_ms[i];
	return 0;
}

struct compared {
	struct world *w;
	uint32_t (*digest)[GROUP_COUNT + 1]; /* by printer: of its groups and their evaluation */
	bool is_second;
	size_t differ[GROUP_COUNT + 1]; /* devices */
};

static int compare_device(void *owner, const struct archive_device *d)
{
	struct compared *c = owner;
	uint32_t *digest = c->digest[printer_of(c->w, d)];
	for (unsigned g = 0; g <= GROUP_COUNT; g++) {
		uint32_t now = g < GROUP_COUNT ? crc32c((uint32_t)d->group[g].read_at_ms,
							 d->group[g].bytes, d->group[g].len)
					       : crc32c(0, d->evaluation, d->evaluation_len);
		c->differ[g] += c->is_second && now != digest[g];
		digest[g] = now;
	}
	return 0;
}

/* The hub that was away holds what the other one does, their evaluation of each day included. */
static void compare_hubs(struct world *w, struct archive_view *view)
{
	struct compared c = {.w = w, .digest = calloc(w->fleet.count, sizeof *c.digest)};
	struct archive_view *steady = hub_of(w->steady);
	assert_non_null(c.digest);
	assert_int_equal(archive_view_each(view, compare_device, &c), w->fleet.count);
	c.is_second = true;
	assert_int_equal(archive_view_each(steady, compare_device, &c), w->fleet.count);
	for (unsigned g = 0; g <= GROUP_COUNT; g++) {
		if (c.differ[g] > 0)
			print_message("group %u of %zu devices differs\n", g, c.differ[g]);
		w->unlike += c.differ[g];
	}
	archive_view_close(steady);
	free(c.digest);
}

static void open_world(struct world *w, size_t printers, uint64_t days)
{
	*w = (struct world){.days = days};
	payload_fleet_open(&w->fleet, printers);
	w->agent = payload_agent_open(printers);
	w->steady = payload_agent_open(printers);
	w->kept_ms = calloc(printers, sizeof *w->kept_ms);
	w->key = calloc(printers, sizeof *w->key);
	w->read_ms = calloc(printers, sizeof *w->read_ms);
	w->is_repeated = calloc(printers, sizeof *w->is_repeated);
	assert_true(w->kept_ms != NULL && w->key != NULL && w->read_ms != NULL &&
		    w->is_repeated != NULL);
	assert_int_equal(slab_open(&w->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
}

static void close_world(struct world *w)
{
	slab_close(&w->blocks);
	free(w->key);
	free(w->is_repeated);
	free(w->read_ms);
	free(w->kept_ms);
	payload_agent_close(w->steady);
	payload_agent_close(w->agent);
	payload_fleet_close(&w->fleet);
}

static void test_month_of_daily_syncs_is_complete(void **unused)
{
	(void)unused;
	static struct world w;
	size_t printers = test_count("MONTH_SYNC_PRINTERS");
	open_world(&w, printers, DAYS);
	live(&w);
	struct archive_view *view = hub_of(w.agent);
	assert_true(archive_view_each(view, see_device, &w) >= 0);
	struct hub_events hub = {
		.ledger = w.fleet.ledger, .event = calloc(LEDGER_EVENTS, sizeof *hub.event)};
	const char **keys = calloc(printers, sizeof *keys);
	assert_true(hub.event != NULL && keys != NULL);
	for (size_t i = 0; i < printers; i++)
		keys[i] = w.key[i];
	hub_events_list(&hub, view, keys);
	struct difference d = hub_events_compare(&hub, false);
	struct spool_counts c;
	spool_counts(payload_agent_spool(w.agent), &c);
	compare_hubs(&w, view);
	print_message("%zu printers, %d days, hub away for %d: %zu syncs, %zu records of %llu "
		      "kept, %llu superseded; "
		      "store at most %lld KiB; %ld KiB resident on day %d, %ld KiB at the end; %zu "
		      "devices, %zu of "
		      "them not as last kept, %zu groups not as at a hub with %zu syncs; "
		      "%zu of %zu rows of coverage right; %zu events of the hub, %lu missing, %lu "
		      "surplus\n",
		printers, DAYS, AWAY_TO - AWAY_FROM, w.syncs, w.records,
		(unsigned long long)c.balance.kept, (unsigned long long)c.balance.superseded,
		(long long)w.largest / 1024, w.warm_kib, WARM_DAY, w.end_kib, w.devices, w.wrong,
		w.unlike, w.steady_syncs, w.covered, w.syncs * printers, hub.events, d.missing,
		d.surplus);
	assert_int_equal(w.unlike, 0);
	assert_int_equal(w.steady_syncs, DAYS);
	assert_int_equal(w.covered, w.syncs * printers);
	assert_int_equal(w.syncs, DAYS - (AWAY_TO - AWAY_FROM));
	assert_int_equal(w.devices, printers);
	assert_int_equal(w.wrong, 0);
	assert_int_equal(d.missing + d.surplus, 0);
	assert_true(hub.events > printers);
	assert_in_range(w.largest, 1, LIMIT_SPOOL_BYTES);
#ifndef __SANITIZE_ADDRESS__ /* it keeps freed memory */
	assert_true(w.end_kib - w.warm_kib <= GROWTH_KIB);
#endif
	/* Control: an event that did not arrive is found. */
	hub.ledger->event[hub.ledger->events++] = (struct ledger_event){
		.kind = LEDGER_ALERT, .from_ms = LEDGER_START, .to_ms = LEDGER_START + LEDGER_DAY};
	assert_int_equal(hub_events_compare(&hub, true).missing, 1);
	archive_view_close(view);
	free(keys);
	free(hub.event);
	close_world(&w);
}

/* Were the records of failed syncs superseded, the hub would know less of the days without it. */
static void test_control_content_of_failed_syncs_is_missed(void **unused)
{
	enum { PRINTERS = 3 };
	(void)unused;
	static struct world w;
	open_world(&w, PRINTERS, AWAY_TO + 1);
	w.is_control = true;
	live(&w);
	struct archive_view *view = hub_of(w.agent);
	compare_hubs(&w, view);
	assert_true(w.unlike > 0);
	archive_view_close(view);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_month_of_daily_syncs_is_complete),
		cmocka_unit_test(test_control_content_of_failed_syncs_is_missed),
	};
	assert_int_equal(charset_open(), 0);
	return cmocka_run_group_tests_name("month, daily syncs", tests, NULL, NULL);
}
