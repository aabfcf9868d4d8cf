/* SPDX-License-Identifier: Apache-2.0
 * For all benchmarks: clocks, what a process used, order statistics, and one way to print: a table
 * for people and, as the last line, the same as one JSON object. */
#ifndef PLATEN_BENCH_COMMON_H
#define PLATEN_BENCH_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { BENCH_ROWS = 128 };

/* Monotonic seconds. */
double bench_now_s(void);

/* CPU seconds, user and system, of a process that is alive; 0 is this one. */
double bench_cpu_s(pid_t pid);

/* Resident memory now, and the most it ever was, in KiB; 0 is this process. */
size_t bench_rss_kib(pid_t pid);
size_t bench_peak_rss_kib(pid_t pid);

/* As many file descriptors as the hard limit allows. Returns that number. */
size_t bench_raise_files(void);

/* The p-th quantile (0 ... 1) of n values, which are sorted by this; 0 for none. */
double bench_quantile(double *values, size_t n, double p);

struct bench_row {
	char name[48]; /* also the JSON member: letters, digits, underscores */
	double value;
	const char *unit; /* "" for a count */
};

struct bench_report {
	const char *bench;
	const char *title;
	struct bench_row rows[BENCH_ROWS];
	size_t count;
};

void bench_open(struct bench_report *r, const char *bench, const char *title);
/* Beyond BENCH_ROWS it ends the program: a mistake of the benchmark. */
void bench_add(struct bench_report *r, const char *name, double value, const char *unit);
/* The table, unless only JSON is wanted, and the JSON line. */
void bench_print(const struct bench_report *r, bool is_json_only);

/* An option of a benchmark: `--name` sets exactly one of these. */
struct bench_option {
	const char *name;
	size_t *number;    /* followed by a number, ... */
	const char **text; /* ... by a text, ... */
	bool *is_on;       /* ... or by nothing */
};

/* Reads the command line; false if it holds anything else. The last row has no name. */
bool bench_options(const struct bench_option *options, int argc, char **argv);

#endif
