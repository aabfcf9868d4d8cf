/* SPDX-License-Identifier: Apache-2.0
 * Measures the bytes of a synchronisation: HTTP bodies, both ways, of the full state of a fleet and
 * of a steady day (printers that print and run low, read hourly, one sync a day). Virtual time, no
 * sockets; readings pass through the collector and the spool, batches are compressed and signed as
 * the uplink does it, and the hub's own code must accept each of them. The bytes are the same at
 * each run. Exits 1 if a figure is above its bound. */
#include "bench/common.h"
#include "bench/payload.h"

#include "proto/text/charset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: payload [--json] [--printers N] [--days N] [--recordings DIR]\n"
	"  --json          only the JSON line\n"
	"  --printers N    one fleet of N instead of 1, 400 and 2,000\n"
	"  --days N        days after the full state; the largest sync counts (1)\n"
	"  --recordings DIR  the recordings of a folder as a fleet too\n";

enum {
	FULL_POLL_HOURS = 12, /* LIMIT_FULL_POLL_MS */
	/* RFC 8446: 5 bytes of header, 1 of content type and 16 of tag a record of at most 16 KiB.
	 */
	TLS_RECORD = 22,
	TLS_RECORD_BYTES = 16384,
	/* A connection without data, bytes both ways: `openssl s_client` 3.0 and platen-hub with
	 * the chain of tools/certs, TLS 1.3. Handshake 1,328 and 377, a session ticket, two
	 * close_notify. ECDSA signatures vary by some bytes. */
	TLS_CONNECTION = 2008
};

/* Bytes of a sync of a fleet of this size. */
static const struct bound {
	size_t printers;
	double steady, full; /* 0: none */
} bounds[] = {{1, 2048, 0}, {400, 50000, 0}, {2000, 250000, 400000}};

struct options {
	size_t printers, days;
	const char *recordings;
	bool is_json;
};

struct result {
	struct payload_sync full, steady;
	struct payload_shares full_shares, steady_shares;
};

void payload_fail(const char *what, int err)
{
	(void)fprintf(stderr, "bench/payload: %s: %s\n", what, err_text(err));
	exit(1);
}

static double total(const struct payload_sync *s)
{
	return (double)(s->sent + s->received);
}

static double tls_bytes(const struct payload_sync *s)
{
	size_t records = 0;
	records += (s->sent + TLS_RECORD_BYTES - 1) / TLS_RECORD_BYTES + s->batches;
	records += (s->received + TLS_RECORD_BYTES - 1) / TLS_RECORD_BYTES + s->batches;
	return (double)(TLS_CONNECTION + records * TLS_RECORD);
}

/* ---- a fleet's days ---- */
static void poll_all(struct payload_fleet *f, struct payload_agent *a, struct slab *blocks,
	uint64_t now_ms, bool is_full)
{
	for (size_t i = 0; i < f->count; i++) {
		struct reading r;
		/* Polls are spread over the hour. */
		uint64_t at_ms = now_ms + i * PAYLOAD_HOUR / f->count;
		bool is_changed = payload_fleet_changes(f, i, now_ms);
		if (!is_changed && !is_full)
			continue;
		reading_open(&r, blocks);
		payload_fleet_poll(f, i, now_ms, !is_full, &r);
		payload_agent_read(a, i, &r, at_ms, is_full);
		reading_close(&r);
	}
	payload_agent_settle(a);
}

static void run(struct payload_fleet *f, size_t days, struct result *ret)
{
	struct slab blocks;
	struct buf bodies;
	struct payload_agent *a = payload_agent_open(f->count);
	uint64_t now_ms = payload_start_ms();
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		payload_fail("memory", err);
	buf_open(&bodies, 64u << 20);
	memset(ret, 0, sizeof *ret);
	poll_all(f, a, &blocks, now_ms, true);
	payload_agent_sync(a, now_ms + PAYLOAD_HOUR, &ret->full, &bodies);
	payload_shares(&ret->full_shares, &bodies);
	for (size_t day = 0; day < days; day++) {
		struct payload_sync sync;
		buf_clear(&bodies);
		for (unsigned hour = 1; hour <= 24; hour++) {
			now_ms += PAYLOAD_HOUR;
			poll_all(f, a, &blocks, now_ms, hour % FULL_POLL_HOURS == 0);
		}
		payload_agent_sync(a, now_ms + PAYLOAD_HOUR, &sync, &bodies);
		if (total(&sync) <= total(&ret->steady))
			continue;
		ret->steady = sync;
		payload_shares(&ret->steady_shares, &bodies);
	}
	buf_close(&bodies);
	slab_close(&blocks);
	payload_agent_close(a);
}

/* ---- printing ---- */
static void add(struct bench_report *b, const char *kind, size_t n, const char *what, double value,
	const char *unit)
{
	char name[48];
	(void)snprintf(name, sizeof name, "%s_%zu%s", kind, n, what);
	bench_add(b, name, value, unit);
}

static void add_sync(
	struct bench_report *b, const char *kind, size_t n, const struct payload_sync *s)
{
	add(b, kind, n, "", total(s), "bytes");
	add(b, kind, n, "_tls", tls_bytes(s), "bytes");
	add(b, kind, n, "_coverage", (double)s->coverage, "bytes of these");
	add(b, kind, n, "_records", (double)s->records, "");
	add(b, kind, n, "_raw", (double)s->raw, "bytes");
	add(b, kind, n, "_pack_ms", s->pack_s * 1000, "ms CPU");
}

static void add_shares(
	struct bench_report *b, const char *kind, size_t n, const struct payload_shares *s)
{
	char what[24];
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		(void)snprintf(what, sizeof what, "_raw_%s", group_name((enum reading_group)g));
		add(b, kind, n, what, (double)s->group_raw[g], "bytes");
		(void)snprintf(what, sizeof what, "_zstd_%s", group_name((enum reading_group)g));
		add(b, kind, n, what, (double)s->group_zstd[g], "bytes less without it");
	}
	for (unsigned p = 0; p < PART_COUNT; p++) {
		(void)snprintf(what, sizeof what, "_raw_of_%s", payload_part_names[p]);
		add(b, kind, n, what, (double)s->part_raw[p], "bytes");
		(void)snprintf(what, sizeof what, "_zstd_of_%s", payload_part_names[p]);
		add(b, kind, n, what, (double)s->part_zstd[p], "bytes less without it");
	}
}

static unsigned over(const char *kind, size_t n, double value, double bound)
{
	if (bound == 0 || value <= bound)
		return 0;
	(void)fprintf(stderr, "bench/payload: %s of %zu printers: %.0f bytes, the bound is %.0f\n",
		kind, n, value, bound);
	return 1;
}

static unsigned check_bounds(size_t n, const struct result *r)
{
	unsigned failed = 0;
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		if (bounds[i].printers != n)
			continue;
		failed += over("a steady day", n, total(&r->steady), bounds[i].steady);
		failed += over("the full state", n, total(&r->full), bounds[i].full);
	}
	return failed;
}

static unsigned measure(struct bench_report *b, size_t printers, size_t days, bool is_last)
{
	struct payload_fleet f;
	struct result r;
	payload_fleet_open_plain(&f, printers);
	run(&f, days, &r);
	payload_fleet_close(&f);
	add_sync(b, "steady", printers, &r.steady);
	add_sync(b, "full", printers, &r.full);
	if (is_last) {
		add_shares(b, "steady", printers, &r.steady_shares);
		add_shares(b, "full", printers, &r.full_shares);
	}
	return check_bounds(printers, &r);
}

static unsigned measure_recordings(struct bench_report *b, const struct options *o)
{
	struct payload_fleet f;
	struct result r;
	if (!payload_fleet_open_recordings(
		    &f, o->recordings, o->printers != 0 ? o->printers : 400)) {
		(void)fprintf(
			stderr, "bench/payload: no recordings in %s: skipped\n", o->recordings);
		payload_fleet_close(&f);
		return 0;
	}
	run(&f, o->days, &r);
	add_sync(b, "recordings_steady", f.count, &r.steady);
	add_sync(b, "recordings_full", f.count, &r.full);
	unsigned failed = check_bounds(f.count, &r);
	payload_fleet_close(&f);
	return failed;
}

int main(int argc, char **argv)
{
	struct options o = {.days = 1};
	struct bench_report b;
	const struct bench_option options[] = {{"json", .is_on = &o.is_json},
		{"printers", .number = &o.printers}, {"days", .number = &o.days},
		{"recordings", .text = &o.recordings}, {.name = NULL}};
	unsigned failed = 0;
	if (!bench_options(options, argc, argv) || o.days == 0) {
		(void)fputs(usage, stderr);
		return 2;
	}
	int err = charset_open();
	if (err < 0)
		payload_fail("charset_open", err);
	bench_open(&b, "payload", "How many bytes does a synchronisation have?");
	if (o.printers != 0) {
		failed += measure(&b, o.printers, o.days, true);
	} else {
		for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
			failed += measure(&b, bounds[i].printers, o.days,
				i + 1 == sizeof bounds / sizeof bounds[0]);
	}
	if (o.recordings != NULL)
		failed += measure_recordings(&b, &o);
	bench_print(&b, o.is_json);
	return failed == 0 ? 0 : 1;
}
