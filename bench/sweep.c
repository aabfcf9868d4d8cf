/* SPDX-License-Identifier: Apache-2.0
 * Measures: the cost of a full reading of a fleet, against the limit of this machine.
 *
 * Starts platen-sim on the loopback device, reads every printer in several rounds with the engine's
 * own code (polls, folding and packing included, the disk left out), and in the same run does the
 * same number of exchanges with canned datagrams (--raw shows only these). The ratio of the two is
 * the figure that holds when the machine's speed drifts. Nothing is reported if a response was
 * wrong, a printer incomplete that should be whole, or the synthetic fleet lost datagrams. */
#include "bench/sweep.h"

#include "bench/common.h"
#include "bench/common_sim.h"
#include "proto/base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 32, EXPECTED_PAIRS = 20 };

struct options {
	const char *sim;
	const char *profile;
	const char *latency;
	const char *loss;
	const char *silent;
	size_t printers;
	size_t rounds;
	size_t varbinds;
	size_t window;
	bool is_raw_only;
	bool is_json;
	bool is_v3;
	bool is_alone; /* the healthy printers alone, then together with the silent ones */
};

static int start(struct bench_sim *sim, const struct options *o, struct sweep_target *t)
{
	char printers[16];
	(void)snprintf(printers, sizeof printers, "%zu", o->printers);
	const char *argv[] = {o->sim, "--printers", printers, "--profile", o->profile, "--latency",
		o->latency, "--loss", o->loss, "--silent", o->silent, "--job-interval", "0", "--v3",
		sweep_v3, NULL};
	int err = bench_sim_start(sim, "sweep", argv);
	t->port = sim->port;
	t->first = sim->first;
	return err;
}

/* ---- figures ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double median(
	const struct sweep_round *rounds, unsigned n, double (*figure)(const struct sweep_round *))
{
	double v[ROUNDS_MAX];
	if (n == 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		v[i] = figure(&rounds[i]);
	qsort(v, n, sizeof v[0], by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double pairs_per_cpu_s(const struct sweep_round *r)
{
	return r->cpu_s > 0 ? (double)r->pairs / r->cpu_s : 0;
}

/* Responses differ in size: counted as responses of as many varbinds as were aimed at. */
static double full_pairs_per_cpu_s(const struct sweep_round *r)
{
	return r->cpu_s > 0 ? (double)r->varbinds / 20.0 / r->cpu_s : 0;
}

static double wall_s(const struct sweep_round *r)
{
	return r->wall_s;
}

static double cpu_s(const struct sweep_round *r)
{
	return r->cpu_s;
}

static double healthy_s(const struct sweep_round *r)
{
	return r->healthy_wall_s;
}

struct result {
	struct sweep_round first;
	struct sweep_round engine[ROUNDS_MAX];
	struct sweep_round alone[ROUNDS_MAX];
	struct sweep_round raw[ROUNDS_MAX];
	unsigned engine_rounds;
	unsigned alone_rounds;
	unsigned raw_rounds;
	long long sim_drops, sim_requests;
	double sim_cpu_s;
	size_t peak_rss_kib;
};

static bool check(const struct options *o, const struct result *r)
{
	bool is_lossless = strcmp(o->loss, "0") == 0 && strcmp(o->silent, "0") == 0;
	bool is_right = true;
	for (unsigned i = 0; i < r->engine_rounds; i++) {
		const struct sweep_round *e = &r->engine[i];
		if (e->wrong > 0 || (is_lossless && e->complete != o->printers)) {
			(void)fprintf(stderr, "sweep: round %u: %llu of %zu complete, %llu wrong\n",
				i, (unsigned long long)e->complete, o->printers,
				(unsigned long long)e->wrong);
			is_right = false;
		}
	}
	for (unsigned i = 0; i < r->raw_rounds; i++)
		is_right = is_right && r->raw[i].wrong == 0;
	if (r->sim_drops != 0) {
		(void)fprintf(stderr, "sweep: the synthetic fleet dropped %lld datagrams: %s\n",
			r->sim_drops, "its sockets overflowed, the figures mean nothing");
		is_right = false;
	}
	return is_right;
}

static void print_json(const struct options *o, const struct result *r)
{
	const struct sweep_round *last =
		r->engine_rounds > 0 ? &r->engine[r->engine_rounds - 1] : &r->first;
	double engine = median(r->engine, r->engine_rounds, full_pairs_per_cpu_s);
	double raw = median(r->raw, r->raw_rounds, pairs_per_cpu_s);
	printf("{\"bench\":\"sweep\",\"printers\":%zu,\"profile\":\"%s\",\"latency_ms\":%s,"
	       "\"loss_percent\":%s,\"silent_percent\":%s,\"is_v3\":%s,\"rounds\":%zu,",
		o->printers, o->profile, o->latency, o->loss, o->silent,
		o->is_v3 ? "true" : "false", o->rounds);
	printf("\"complete\":%llu,\"partial\":%llu,\"silent\":%llu,\"pairs\":%llu,"
	       "\"varbinds_per_pair\":%.1f,\"resent\":%llu,",
		(unsigned long long)last->complete, (unsigned long long)last->partial,
		(unsigned long long)last->silent, (unsigned long long)last->pairs,
		last->pairs > 0 ? (double)last->varbinds / (double)last->pairs : 0,
		(unsigned long long)last->resent);
	printf("\"first_poll_datagrams\":%llu,\"learned_poll_datagrams\":%llu,",
		(unsigned long long)r->first.max_datagrams,
		(unsigned long long)last->max_datagrams);
	printf("\"wall_s\":%.3f,\"cpu_s\":%.3f,\"healthy_s\":%.3f,\"healthy_alone_s\":%.3f,",
		median(r->engine, r->engine_rounds, wall_s),
		median(r->engine, r->engine_rounds, cpu_s),
		median(r->engine, r->engine_rounds, healthy_s),
		median(r->alone, r->alone_rounds, healthy_s));
	printf("\"engine_pairs_per_cpu_s\":%.0f,\"engine_pairs_of_20_per_cpu_s\":%.0f,"
	       "\"raw_pairs_per_cpu_s\":%.0f,\"ratio\":%.3f,",
		median(r->engine, r->engine_rounds, pairs_per_cpu_s), engine, raw,
		raw > 0 ? engine / raw : 0);
	printf("\"sim_pairs_per_cpu_s\":%.0f,\"sim_drops\":%lld,\"peak_rss_kib\":%zu}\n",
		r->sim_cpu_s > 0 ? (double)r->sim_requests / r->sim_cpu_s : 0, r->sim_drops,
		r->peak_rss_kib);
}

static void print_round(const char *name, const struct sweep_round *r)
{
	printf("%-10s %8llu %8llu %7llu %9.3f %9.3f %9.3f %12.0f %12.0f\n", name,
		(unsigned long long)r->complete, (unsigned long long)r->pairs,
		(unsigned long long)r->resent, r->wall_s, r->healthy_wall_s, r->cpu_s,
		pairs_per_cpu_s(r), full_pairs_per_cpu_s(r));
}

static void print_table(const struct result *r)
{
	printf("%-10s %8s %8s %7s %9s %9s %9s %12s %12s\n", "round", "complete", "pairs", "resent",
		"wall_s", "healthy_s", "cpu_s", "pairs/cpu_s", "of 20/cpu_s");
	if (r->engine_rounds > 0)
		print_round("first", &r->first);
	for (unsigned i = 0; i < r->alone_rounds; i++)
		print_round("alone", &r->alone[i]);
	for (unsigned i = 0; i < r->engine_rounds; i++)
		print_round("engine", &r->engine[i]);
	for (unsigned i = 0; i < r->raw_rounds; i++)
		print_round("raw", &r->raw[i]);
}

/* ---- the run ---------------------------------------------------------------------------- */

static int measure(const struct options *o, const struct sweep_target *t, struct result *r)
{
	struct sweep_engine *e = NULL;
	bool *skip = calloc(t->printers, sizeof *skip);
	int err = skip == NULL ? -1 : 0;
	if (err == 0 && !o->is_raw_only) {
		err = sweep_engine_open(&e, t);
		if (err == 0)
			err = sweep_engine_round(e, NULL, &r->first);
	}
	for (size_t i = 0; e != NULL && i < t->printers; i++)
		skip[i] = sweep_engine_was_silent(e, i);
	for (size_t i = 0; err == 0 && i < o->rounds; i++) {
		if (e != NULL && o->is_alone)
			err = sweep_engine_round(e, skip, &r->alone[r->alone_rounds++]);
		if (err == 0 && e != NULL)
			err = sweep_engine_round(e, NULL, &r->engine[r->engine_rounds++]);
		/* With latency or loss the canned side would only measure waiting. */
		if (err == 0 && strcmp(o->latency, "0") == 0 && strcmp(o->loss, "0") == 0 &&
			strcmp(o->silent, "0") == 0 && strstr(o->profile, "xerox") == o->profile) {
			struct sweep_target few = *t;
			if (few.printers > t->window)
				few.printers = t->window;
			err = sweep_raw_round(&few, &r->raw[r->raw_rounds++]);
		}
	}
	if (e != NULL)
		sweep_engine_close(e);
	free(skip);
	r->peak_rss_kib = bench_peak_rss_kib(0);
	return err;
}

static void usage(void)
{
	(void)fputs("usage: sweep [--printers N] [--profile NAME] [--rounds N] [--varbinds N] "
		    "[--window N]\n"
		    "             [--latency MS] [--loss PERCENT] [--silent PERCENT] [--alone] "
		    "[--v3] [--raw]\n"
		    "             [--sim FILE] [--json]\n",
		stderr);
}

static bool parse(struct options *o, int argc, char **argv)
{
	const struct bench_option options[] = {
		{.name = "printers", .number = &o->printers},
		{.name = "profile", .text = &o->profile},
		{.name = "rounds", .number = &o->rounds},
		{.name = "varbinds", .number = &o->varbinds},
		{.name = "window", .number = &o->window},
		{.name = "latency", .text = &o->latency},
		{.name = "loss", .text = &o->loss},
		{.name = "silent", .text = &o->silent},
		{.name = "alone", .is_on = &o->is_alone},
		{.name = "v3", .is_on = &o->is_v3},
		{.name = "raw", .is_on = &o->is_raw_only},
		{.name = "sim", .text = &o->sim},
		{.name = "json", .is_on = &o->is_json},
		{.name = NULL},
	};
	return bench_options(options, argc, argv) && o->printers > 0 &&
	       o->printers <= LIMIT_DEVICES_MAX && o->rounds > 0 && o->rounds <= ROUNDS_MAX &&
	       o->varbinds > 0 && o->varbinds <= 48;
}

int main(int argc, char **argv)
{
	static struct result result;
	struct options o = {.sim = bench_sim_path(),
		.profile = "xerox-color-mfp",
		.latency = "0",
		.loss = "0",
		.silent = "0",
		.printers = 2000,
		.rounds = 5,
		.varbinds = 20,
		.window = 2048};
	if (!parse(&o, argc, argv)) {
		usage();
		return 2;
	}
	struct sweep_target t = {.printers = o.printers,
		.window = o.window,
		.varbinds = (unsigned)o.varbinds,
		.pairs = EXPECTED_PAIRS,
		.is_v3 = o.is_v3};
	struct bench_sim sim = {0};
	if (start(&sim, &o, &t) < 0)
		return 1;
	int err = measure(&o, &t, &result);
	bench_sim_stop(&sim);
	result.sim_drops = sim.drops;
	result.sim_cpu_s = sim.cpu_s;
	result.sim_requests = sim.requests;
	if (!o.is_json)
		print_table(&result);
	if (!check(&o, &result) || err < 0) {
		(void)fprintf(
			stderr, "sweep: responses were wrong or missing: no figures (%d)\n", err);
		return 1;
	}
	print_json(&o, &result);
	return 0;
}
