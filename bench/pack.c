/* SPDX-License-Identifier: Apache-2.0
 * Measures what msgpack-c with integer keys, and our own pull reader, cost for a record of a
 * printer, against jansson's JSON of the same record: time, bytes, and bytes after zstd.
 * Fixed work: 2,000 different readings of about 350 values, each way ROUNDS times; and the next
 * day's readings, of which only the changed groups are sent. Every record is read back and
 * compared first: a wrong answer ends the benchmark without a figure.
 * Prints a table on stderr and one JSON line on stdout. */
#include "proto/document/json.h"
#include "proto/wire/pack.h"
#include "tests/vectors/readings.h"

#include <jansson.h>
#include <sys/resource.h>
#include <time.h>
#include <zstd.h>

enum { PRINTERS = 2000, ROUNDS = 21, BLOCKS_EACH = 16, ZSTD_LEVEL = 3 };

#define READ_AT UINT64_C(1795352800123)
#define DAY UINT64_C(86400000)

static struct slab blocks;
static struct reading today[PRINTERS];
static struct reading tomorrow[PRINTERS];
static struct slab scratch; /* for one reading being read back */

static void die(const char *what, int err)
{
	(void)fprintf(stderr, "bench/pack: %s: %s\n", what, err_text(err));
	exit(1);
}

static double cpu_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the work ---- */
struct work {
	struct buf packed; /* all records, one after the other */
	struct buf json;   /* one line each */
	size_t packed_at[PRINTERS + 1];
	size_t json_at[PRINTERS + 1];
	uint64_t digests; /* so that nothing is optimised away */
	size_t leaves;
};

static struct record_head head_of(uint64_t i, uint64_t day, char key[64])
{
	(void)snprintf(key, 64, "serial:xerox/3TX%06u", (unsigned)i);
	return (struct record_head){.seq = i + 1 + day * PRINTERS,
		.read_at_ms = READ_AT + day * DAY + i * 37,
		.policy_id = 1,
		.is_full = day == 0,
		.address = TEXT("192.0.2.17"),
		.device_key = text_of(key)};
}

static void make_readings(void)
{
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, (size_t)2 * PRINTERS * BLOCKS_EACH);
	if (err == 0)
		err = slab_open(&scratch, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		die("memory", err);
	for (uint64_t i = 0; i < PRINTERS; i++) {
		reading_open(&today[i], &blocks);
		reading_open(&tomorrow[i], &blocks);
		reading_make_printer(&today[i], i, 0, READ_AT + i * 37);
		reading_make_printer(&tomorrow[i], i, 1, READ_AT + DAY + i * 37);
	}
}

static void pack_all(struct work *w)
{
	buf_clear(&w->packed);
	for (uint64_t i = 0; i < PRINTERS; i++) {
		char key[64];
		struct record_head head = head_of(i, 0, key);
		w->packed_at[i] = w->packed.len;
		int err = record_pack(&w->packed, &head, &today[i], ALL_GROUPS);
		if (err < 0)
			die("pack", err);
	}
	w->packed_at[PRINTERS] = w->packed.len;
}

static void unpack_all(struct work *w)
{
	for (size_t i = 0; i < PRINTERS; i++) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, &scratch);
		int n = record_unpack(&head, &r, &mask, w->packed.data + w->packed_at[i],
			w->packed.len - w->packed_at[i]);
		if (n < 0)
			die("unpack", n);
		reading_close(&r);
	}
}

static void check_all(struct work *w)
{
	for (size_t at = 0; at < w->packed.len;) {
		struct record_head head;
		struct record_span spans[GROUP_COUNT];
		int n = record_spans(&head, spans, w->packed.data + at, w->packed.len - at);
		if (n < 0)
			die("check", n);
		at += (size_t)n;
	}
}

static void digest_all(struct work *w)
{
	for (size_t i = 0; i < PRINTERS; i++) {
		for (int g = 0; g < GROUP_COUNT; g++)
			w->digests += record_group_digest(&today[i], (enum reading_group)g);
	}
}

static int put_json(
	struct buf *dst, const struct record_head *head, const struct reading *r, unsigned mask)
{
	struct writer writer;
	writer_open(&writer, dst);
	json_device(&writer, NULL, head, r, mask);
	return writer_close(&writer);
}

static void json_all(struct work *w)
{
	buf_clear(&w->json);
	for (uint64_t i = 0; i < PRINTERS; i++) {
		char key[64];
		struct record_head head = head_of(i, 0, key);
		w->json_at[i] = w->json.len;
		int err = put_json(&w->json, &head, &today[i], ALL_GROUPS);
		if (err < 0)
			die("json", err);
	}
	w->json_at[PRINTERS] = w->json.len;
}

static void parse_all(struct work *w)
{
	for (size_t i = 0; i < PRINTERS; i++) {
		json_t *v = json_loadb((const char *)w->json.data + w->json_at[i],
			w->json_at[i + 1] - w->json_at[i], 0, NULL);
		if (v == NULL)
			die("parse", ERR_FORMAT);
		json_decref(v);
	}
}

/* The groups that a poll of the next day sends. */
static size_t pack_changes(struct work *w, size_t *groups)
{
	buf_clear(&w->packed);
	*groups = 0;
	for (uint64_t i = 0; i < PRINTERS; i++) {
		unsigned mask = 0;
		for (int g = 0; g < GROUP_COUNT; g++) {
			if (record_group_digest(&today[i], (enum reading_group)g) !=
				record_group_digest(&tomorrow[i], (enum reading_group)g)) {
				mask |= 1u << g;
				(*groups)++;
			}
		}
		char key[64];
		struct record_head head = head_of(i, 1, key);
		int err = record_pack(&w->packed, &head, &tomorrow[i], mask);
		if (err < 0)
			die("pack", err);
	}
	return w->packed.len;
}

/* ---- right first ---- */
static size_t leaves_of(json_t *v)
{
	size_t n = 0, i;
	const char *key;
	json_t *item;
	if (json_is_object(v)) {
		json_object_foreach(v, key, item) n += leaves_of(item);
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, item) n += leaves_of(item);
	} else {
		n = 1;
	}
	return n;
}

/* Packed, unpacked and printed as JSON, every record is the same as before. */
static void prove(struct work *w)
{
	struct buf again;
	buf_open(&again, 1u << 20);
	for (size_t i = 0; i < PRINTERS; i++) {
		struct record_head head;
		struct reading r;
		unsigned mask;
		reading_open(&r, &scratch);
		int n = record_unpack(&head, &r, &mask, w->packed.data + w->packed_at[i],
			w->packed_at[i + 1] - w->packed_at[i]);
		if (n != (int)(w->packed_at[i + 1] - w->packed_at[i]))
			die("a record does not come back", n < 0 ? n : ERR_FORMAT);
		buf_clear(&again);
		int err = put_json(&again, &head, &r, mask);
		size_t len = w->json_at[i + 1] - w->json_at[i];
		if (err < 0 || again.len != len ||
			memcmp(again.data, w->json.data + w->json_at[i], len) != 0)
			die("a record comes back changed", ERR_FORMAT);
		json_t *v = json_loadb((const char *)again.data, again.len, 0, NULL);
		w->leaves += leaves_of(v);
		json_decref(v);
		reading_close(&r);
	}
	buf_close(&again);
}

/* ---- measuring ---- */
struct figure {
	double median_us; /* per record */
	double worst_us;  /* of ROUNDS: with 21 rounds the best estimate of p99 there is */
	double best_us;
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static struct figure measure(void (*step)(struct work *), struct work *w)
{
	double us[ROUNDS];
	step(w); /* warm */
	for (int i = 0; i < ROUNDS; i++) {
		double before = cpu_s();
		step(w);
		us[i] = (cpu_s() - before) * 1e6 / PRINTERS;
	}
	qsort(us, ROUNDS, sizeof us[0], by_size);
	return (struct figure){us[ROUNDS / 2], us[ROUNDS - 1], us[0]};
}

struct squeezed {
	size_t bytes;
	double ms;
};

static struct squeezed squeeze(const struct buf *b)
{
	size_t room = ZSTD_compressBound(b->len);
	void *mem = malloc(room);
	if (mem == NULL)
		die("memory", ERR_FULL);
	double before = cpu_s();
	size_t n = ZSTD_compress(mem, room, b->data, b->len, ZSTD_LEVEL);
	struct squeezed s = {n, (cpu_s() - before) * 1e3};
	free(mem);
	if (ZSTD_isError(n))
		die("zstd", ERR_FORMAT);
	return s;
}

static void row(const char *what, struct figure f)
{
	(void)fprintf(stderr, "  %-34s %8.2f %8.2f %8.2f %12.0f\n", what, f.median_us, f.best_us,
		f.worst_us, 1e6 / f.median_us);
}

static void print_figure(const char *name, struct figure f)
{
	(void)printf("\"%s_us\":%.3f,\"%s_us_worst\":%.3f,\"%s_per_s\":%.0f,", name, f.median_us,
		name, f.worst_us, name, 1e6 / f.median_us);
}

int main(void)
{
	static struct work w;
	buf_open(&w.packed, 64u << 20);
	buf_open(&w.json, 64u << 20);
	make_readings();
	pack_all(&w);
	json_all(&w);
	prove(&w);

	struct figure pack = measure(pack_all, &w);
	struct figure unpack = measure(unpack_all, &w);
	struct figure check = measure(check_all, &w);
	struct figure digest = measure(digest_all, &w);
	struct figure json = measure(json_all, &w);
	struct figure parse = measure(parse_all, &w);
	size_t packed_bytes = w.packed.len, json_bytes = w.json.len;
	struct squeezed packed_zstd = squeeze(&w.packed);
	struct squeezed json_zstd = squeeze(&w.json);
	size_t groups;
	size_t delta_bytes = pack_changes(&w, &groups);
	struct squeezed delta_zstd = squeeze(&w.packed);
	struct rusage usage;
	(void)getrusage(RUSAGE_SELF, &usage);

	(void)fprintf(stderr,
		"bench/pack: %d readings of %.0f values, %d rounds; all came back unchanged\n\n"
		"  %-34s %8s %8s %8s %12s\n",
		PRINTERS, (double)w.leaves / PRINTERS, ROUNDS, "CPU us per record", "median",
		"best", "worst", "records/s");
	row("msgpack: pack (msgpack-c)", pack);
	row("msgpack: unpack (own reader)", unpack);
	row("msgpack: check only", check);
	row("msgpack: digests of 8 groups", digest);
	row("JSON: write", json);
	row("JSON: parse (jansson)", parse);
	(void)fprintf(stderr,
		"\n  %-34s %10s %12s %8s\n"
		"  %-34s %10zu %12zu %8.1f\n"
		"  %-34s %10zu %12zu %8.1f\n"
		"  %-34s %10zu %12zu %8.1f\n\n",
		"bytes", "a record", "2,000 zstd", "zstd ms", "msgpack, full records",
		packed_bytes / PRINTERS, packed_zstd.bytes, packed_zstd.ms, "JSON, full records",
		json_bytes / PRINTERS, json_zstd.bytes, json_zstd.ms,
		"msgpack, what changed in a day", delta_bytes / PRINTERS, delta_zstd.bytes,
		delta_zstd.ms);

	(void)printf("{\"bench\":\"pack\",\"records\":%d,\"values\":%.1f,\"rounds\":%d,", PRINTERS,
		(double)w.leaves / PRINTERS, ROUNDS);
	print_figure("pack", pack);
	print_figure("unpack", unpack);
	print_figure("check", check);
	print_figure("digest", digest);
	print_figure("json", json);
	print_figure("json_parse", parse);
	(void)printf("\"record_bytes\":%zu,\"json_bytes\":%zu,\"zstd_bytes\":%zu,"
		     "\"json_zstd_bytes\":%zu,\"delta_bytes\":%zu,\"delta_groups\":%zu,"
		     "\"delta_zstd_bytes\":%zu,\"zstd_ms\":%.2f,\"cpu_s\":%.3f,"
		     "\"peak_rss_kib\":%ld}\n",
		packed_bytes / PRINTERS, json_bytes / PRINTERS, packed_zstd.bytes, json_zstd.bytes,
		delta_bytes / PRINTERS, groups, delta_zstd.bytes, packed_zstd.ms, cpu_s(),
		usage.ru_maxrss);
	for (size_t i = 0; i < PRINTERS; i++) {
		reading_close(&today[i]);
		reading_close(&tomorrow[i]);
	}
	buf_close(&w.packed);
	buf_close(&w.json);
	slab_close(&scratch);
	slab_close(&blocks);
	return 0;
}
