/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(clockid_t clock)
{
	struct timespec ts;
	if (clock_gettime(clock, &ts) < 0)
		return 0;
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double bench_now_s(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

double bench_cpu_s(pid_t pid)
{
	clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
	if (pid != 0 && clock_getcpuclockid(pid, &clock) != 0)
		return 0;
	return seconds_of(clock);
}

/* A "Name:  123 kB" line of /proc/PID/status. */
static size_t status_kib(pid_t pid, const char *name)
{
	char path[64];
	char line[256];
	size_t kib = 0;
	size_t len = strlen(name);
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)(pid != 0 ? pid : getpid()));
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL) {
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			kib = strtoul(line + len + 1, NULL, 10);
	}
	(void)fclose(file);
	return kib;
}

size_t bench_rss_kib(pid_t pid)
{
	return status_kib(pid, "VmRSS");
}

size_t bench_peak_rss_kib(pid_t pid)
{
	return status_kib(pid, "VmHWM");
}

size_t bench_raise_files(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	return limit.rlim_cur;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

double bench_quantile(double *values, size_t n, double p)
{
	if (n == 0)
		return 0;
	qsort(values, n, sizeof *values, compare);
	size_t at = (size_t)(p * (double)(n - 1) + 0.5);
	return values[at];
}

void bench_open(struct bench_report *r, const char *bench, const char *title)
{
	*r = (struct bench_report){.bench = bench, .title = title};
}

void bench_add(struct bench_report *r, const char *name, double value, const char *unit)
{
	if (r->count == BENCH_ROWS || strlen(name) >= sizeof r->rows[0].name)
		abort();
	struct bench_row *row = &r->rows[r->count++];
	(void)snprintf(row->name, sizeof row->name, "%s", name);
	row->value = value;
	row->unit = unit;
}

/* Four digits that mean something. */
static void put_number(FILE *out, double value, int width)
{
	double size = value < 0 ? -value : value;
	int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
	if (value >= -9e15 && value <= 9e15 && value == (double)(long long)value)
		decimals = 0;
	(void)fprintf(out, "%*.*f", width, decimals, value);
}

void bench_print(const struct bench_report *r, bool is_json_only)
{
	if (!is_json_only) {
		(void)printf("%s\n\n", r->title);
		for (size_t i = 0; i < r->count; i++) {
			(void)printf("  %-40s ", r->rows[i].name);
			put_number(stdout, r->rows[i].value, 14);
			(void)printf(" %s\n", r->rows[i].unit);
		}
		(void)printf("\n");
	}
	(void)printf("{\"bench\":\"%s\"", r->bench);
	for (size_t i = 0; i < r->count; i++) {
		(void)printf(",\"%s\":", r->rows[i].name);
		put_number(stdout, r->rows[i].value, 0);
	}
	(void)printf("}\n");
	(void)fflush(stdout);
}

static bool take_option(const struct bench_option *o, const char *value)
{
	char *end = NULL;
	if (o->is_on != NULL) {
		*o->is_on = true;
		return true;
	}
	if (value == NULL)
		return false;
	if (o->text != NULL) {
		*o->text = value;
		return true;
	}
	*o->number = strtoul(value, &end, 10);
	return end != value && *end == '\0';
}

bool bench_options(const struct bench_option *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct bench_option *o = options;
		if (strncmp(argv[i], "--", 2) != 0)
			return false;
		while (o->name != NULL && strcmp(o->name, argv[i] + 2) != 0)
			o++;
		if (o->name == NULL || !take_option(o, i + 1 < argc ? argv[i + 1] : NULL))
			return false;
		i += o->is_on == NULL ? 1 : 0;
	}
	return true;
}
