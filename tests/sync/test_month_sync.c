/* SPDX-License-Identifier: Apache-2.0
 * 30 days of a fleet in virtual time through collector, spool and hub, with one sync a day, while
 * the hub is away for 3 days: each day's content arrives, oldest first; the store stays below its
 * maximum and the memory flat; the hub has each printer as it was last kept, and the events of the
 * ledger, each once. */
#include "bench/payload.h"
#include "tests/counts.h"
#include "tests/month/hub_events.h"

#include "engine/store/spool.h"
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
	WARM_DAY = 15,
	GROWTH_KIB = 8192, /* of the resident memory after WARM_DAY */
	KEY = 300
};

struct world {
	struct payload_fleet fleet;
	struct payload_agent *agent;
	struct slab blocks;
	uint64_t *kept_ms; /* by printer: of its last record */
	char (*key)[KEY];
	size_t syncs, records, devices, wrong;
	off_t largest; /* bytes of the store and its log */
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

static void poll_all(struct world *w, uint64_t now_ms, bool is_full)
{
	struct spool *spool = payload_agent_spool(w->agent);
	for (size_t i = 0; i < w->fleet.count; i++) {
		struct reading r;
		bool is_changed = payload_fleet_changes(&w->fleet, i, now_ms);
		if (!is_changed && !is_full)
			continue;
		uint64_t before = spool_next_seq(spool);
		reading_open(&r, &w->blocks);
		payload_fleet_poll(&w->fleet, i, now_ms, !is_full, &r);
		payload_agent_read(w->agent, i, &r, now_ms, is_full);
		reading_close(&r);
		if (spool_next_seq(spool) != before)
			w->kept_ms[i] = now_ms;
	}
	payload_agent_settle(w->agent);
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
}

static void live(struct world *w)
{
	const char *dir = payload_agent_dir(w->agent);
	uint64_t last = 0;
	for (uint64_t hour = 0; hour < 24 * DAYS; hour++) {
		uint64_t now_ms = payload_start_ms() + hour * PAYLOAD_HOUR, day = hour / 24;
		poll_all(w, now_ms, hour % FULL_POLL_HOURS == 0);
		off_t size = size_of(dir, "store.db") + size_of(dir, "store.db-wal");
		w->largest = size > w->largest ? size : w->largest;
		if (hour % 24 != 23)
			continue;
		check_balance(w);
		if (day < AWAY_FROM || day >= AWAY_TO)
			sync_day(w, now_ms + PAYLOAD_HOUR / 2, &last);
		if (day == WARM_DAY)
			w->warm_kib = resident_kib();
	}
	w->end_kib = resident_kib();
	check_balance(w);
}

static int see_device(void *owner, const struct archive_device *d)
{
	struct world *w = owner;
	char host[INET_ADDRSTRLEN] = "";
	struct in_addr address;
	size_t len = strcspn(d->address.p, ":");
	(void)snprintf(host, sizeof host, "%.*s", (int)len, d->address.p);
	assert_int_equal(inet_pton(AF_INET, host, &address), 1);
	size_t i = ntohl(address.s_addr) - FIRST_ADDRESS;
	assert_true(i < w->fleet.count);
	assert_int_equal(w->key[i][0], '\0'); /* one device a printer */
	(void)snprintf(w->key[i], KEY, "%.*s", TEXT_ARG(d->key));
	w->devices++;
	w->wrong += d->read_at_ms != w->kept_ms[i];
	return 0;
}

static void open_world(struct world *w, size_t printers)
{
	*w = (struct world){.syncs = 0};
	payload_fleet_open(&w->fleet, printers);
	w->agent = payload_agent_open(printers);
	w->kept_ms = calloc(printers, sizeof *w->kept_ms);
	w->key = calloc(printers, sizeof *w->key);
	assert_true(w->kept_ms != NULL && w->key != NULL);
	assert_int_equal(slab_open(&w->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
}

static void close_world(struct world *w)
{
	slab_close(&w->blocks);
	free(w->key);
	free(w->kept_ms);
	payload_agent_close(w->agent);
	payload_fleet_close(&w->fleet);
}

static void test_month_of_daily_syncs_is_complete(void **unused)
{
	(void)unused;
	static struct world w;
	struct archive_view *view;
	char why[LIMIT_WHY] = "";
	size_t printers = test_count("MONTH_SYNC_PRINTERS");
	open_world(&w, printers);
	live(&w);
	if (archive_view_open(&view, payload_agent_hub_dir(w.agent), why, sizeof why) < 0)
		fail_msg("%s", why);
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
	print_message("%zu printers, %d days, hub away for %d: %zu syncs, %zu records of %llu "
		      "kept, %llu superseded; "
		      "store at most %lld KiB; %ld KiB resident on day %d, %ld KiB at the end; %zu "
		      "devices, %zu of "
		      "them not as last kept; %zu events of the hub, %lu missing, %lu surplus\n",
		printers, DAYS, AWAY_TO - AWAY_FROM, w.syncs, w.records,
		(unsigned long long)c.balance.kept, (unsigned long long)c.balance.superseded,
		(long long)w.largest / 1024, w.warm_kib, WARM_DAY, w.end_kib, w.devices, w.wrong,
		hub.events, d.missing, d.surplus);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_month_of_daily_syncs_is_complete),
	};
	assert_int_equal(charset_open(), 0);
	return cmocka_run_group_tests_name("month, daily syncs", tests, NULL, NULL);
}
