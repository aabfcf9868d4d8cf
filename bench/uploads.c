/* SPDX-License-Identifier: Apache-2.0
 * Measures: how many TLS uploads at once does the hub's stack (listen, tls, http1) take, at what
 * cost, in how much memory? For each number of connections: all handshakes in full, then on every
 * connection posts of 64 KiB at once, then all handshakes again by resumption. Server and clients
 * are two processes on the loopback device; every answer is the CRC32C of what was sent and is
 * checked. One wrong answer, and there is no report. With --hub the server is platen-hub itself,
 * and what is posted are signed batches (uploads_hub.c). */
#include "bench/uploads.h"
#include "bench/common.h"

#include "proto/base/err.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char usage[] =
	"usage: uploads [--connections N[,N...]] [--bytes N] [--posts N] [--certs DIR] [--json]\n"
	"       uploads --hub [--connections N[,N...]] [--bytes N] [--certs DIR] [--json]\n"
	"  --hub          platen-hub beside this program, one batch from each connection\n"
	"  --connections  how many at once (1000,5000)\n"
	"  --bytes        of one body; with --hub before compression (65536)\n"
	"  --posts        in all, spread over the connections (20000)\n"
	"  --certs        a directory made by tools/certs; otherwise one is made for this run\n";

enum { ROUNDS_MAX = 3 }; /* what a report has room for */

struct options {
	const char *connections;
	size_t bytes;
	size_t posts;
	char certs[PATH_MAX];
	bool is_own_certs;
	bool is_json;
	bool is_hub;
};

uint8_t *upload_pattern(size_t body_bytes)
{
	size_t n = body_bytes + UPLOAD_WINDOWS;
	uint8_t *pattern = malloc(n);
	uint32_t x = 1;
	for (size_t i = 0; pattern != NULL && i < n; i++) {
		x = x * 1664525u + 1013904223u;
		pattern[i] = (uint8_t)(x >> 24);
	}
	return pattern;
}

void upload_phase_begin(struct upload_phase *p, pid_t server)
{
	p->wall_s = bench_now_s();
	p->client_cpu_s = bench_cpu_s(0);
	p->server_cpu_s = bench_cpu_s(server);
}

void upload_phase_end(struct upload_phase *p, pid_t server)
{
	p->wall_s = bench_now_s() - p->wall_s;
	p->client_cpu_s = bench_cpu_s(0) - p->client_cpu_s;
	p->server_cpu_s = bench_cpu_s(server) - p->server_cpu_s;
	p->server_rss_kib = bench_rss_kib(server);
}

/* tools/certs of the source tree: from the current directory, or from where this program was built
 * (build/PRESET/bench). */
static int make_certs(struct options *o)
{
	char tool[PATH_MAX] = "tools/certs";
	char command[2 * PATH_MAX + 64];
	if (access(tool, X_OK) < 0) {
		char exe[PATH_MAX - 64];
		ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
		if (n < 0)
			return -1;
		exe[n] = '\0';
		char *slash = strrchr(exe, '/');
		if (slash != NULL)
			*slash = '\0';
		(void)snprintf(tool, sizeof tool, "%s/../../../tools/certs", exe);
	}
	(void)snprintf(o->certs, sizeof o->certs, "/tmp/platen-uploads-XXXXXX");
	if (mkdtemp(o->certs) == NULL)
		return -1;
	o->is_own_certs = true;
	(void)snprintf(command, sizeof command, "'%s' '%s'", tool, o->certs);
	return system(command) == 0 ? 0 : -1;
}

static void remove_certs(const struct options *o)
{
	char command[PATH_MAX + 16];
	if (!o->is_own_certs)
		return;
	(void)snprintf(command, sizeof command, "rm -r '%s'", o->certs);
	if (system(command) != 0)
		(void)fprintf(stderr, "uploads: %s is left\n", o->certs);
}

static pid_t start_server(const struct upload_plan *plan, uint16_t *port)
{
	int fds[2];
	if (pipe(fds) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)close(fds[0]);
		upload_serve(plan, fds[1]);
	}
	(void)close(fds[1]);
	if (pid > 0 && read(fds[0], port, sizeof *port) != sizeof *port) {
		(void)waitpid(pid, NULL, 0);
		pid = -1;
	}
	(void)close(fds[0]);
	return pid;
}

void upload_add(struct bench_report *r, size_t connections, const char *what, double value,
	const char *unit)
{
	char name[64];
	(void)snprintf(name, sizeof name, "c%zu_%s", connections, what);
	bench_add(r, name, value, unit);
}

static void report(struct bench_report *r, const struct upload_plan *p, struct upload_result *u)
{
	double n = (double)p->connections;
	double posts = (double)u->post_count;
	double mb = posts * (double)p->body_bytes / 1e6;
	size_t c = p->connections;
	upload_add(r, c, "full_per_s", n / u->full.wall_s, "handshakes/s");
	upload_add(r, c, "full_per_server_cpu_s", n / u->full.server_cpu_s, "handshakes/CPU s");
	upload_add(r, c, "full_per_client_cpu_s", n / u->full.client_cpu_s, "handshakes/CPU s");
	upload_add(r, c, "resumed_per_s", n / u->resumed.wall_s, "handshakes/s");
	upload_add(
		r, c, "resumed_per_server_cpu_s", n / u->resumed.server_cpu_s, "handshakes/CPU s");
	upload_add(
		r, c, "resumed_per_client_cpu_s", n / u->resumed.client_cpu_s, "handshakes/CPU s");
	upload_add(r, c, "posts", posts, "");
	upload_add(r, c, "posts_per_s", posts / u->posts.wall_s, "posts/s");
	upload_add(r, c, "mb_per_s", mb / u->posts.wall_s, "MB/s");
	upload_add(r, c, "server_cpu_per_post_us", u->posts.server_cpu_s / posts * 1e6, "us");
	upload_add(r, c, "client_cpu_per_post_us", u->posts.client_cpu_s / posts * 1e6, "us");
	upload_add(r, c, "post_p50_ms", bench_quantile(u->post_s, u->post_count, 0.5) * 1e3, "ms");
	upload_add(r, c, "post_p99_ms", bench_quantile(u->post_s, u->post_count, 0.99) * 1e3, "ms");
	upload_add(r, c, "server_start_rss_kib", (double)u->server_start_kib, "KiB");
	upload_add(r, c, "server_idle_kib_per_connection",
		((double)u->full.server_rss_kib - (double)u->server_start_kib) / n, "KiB");
	upload_add(r, c, "server_peak_kib_per_connection",
		((double)u->server_peak_kib - (double)u->server_start_kib) / n, "KiB");
	upload_add(r, c, "server_peak_rss_kib", (double)u->server_peak_kib, "KiB");
}

struct round {
	struct upload_plan plan;
	pid_t server;
	uint16_t port;
};

/* All servers start before the first client runs: a child begins with its parent's memory. */
static int read_rounds(const struct options *o, size_t files, struct round rounds[ROUNDS_MAX])
{
	int count = 0;
	for (const char *at = o->connections; *at != '\0';) {
		char *end;
		size_t n = strtoul(at, &end, 10);
		if (n == 0 || (*end != ',' && *end != '\0') || count == ROUNDS_MAX) {
			(void)fputs(usage, stderr);
			return -1;
		}
		if (n + 64 > files) {
			(void)fprintf(stderr, "uploads: %zu connections need more than %zu files\n",
				n, files);
			return -1;
		}
		rounds[count++].plan = (struct upload_plan){.connections = n,
			.body_bytes = o->bytes,
			.posts = (o->posts + n - 1) / n,
			.certs = o->certs};
		at = *end == ',' ? end + 1 : end;
	}
	return count;
}

static int run_round(struct round *round, struct bench_report *r)
{
	struct upload_plan *plan = &round->plan;
	struct upload_result result = {0};
	int err = upload_run(plan, round->port, round->server, &result);
	bool is_good = err == 0 && result.wrong == 0 &&
		       result.post_count == plan->posts * plan->connections;
	if (is_good)
		report(r, plan, &result);
	else
		(void)fprintf(stderr, "uploads: no report: %zu wrong of %zu connections: %s\n",
			result.wrong, plan->connections,
			result.why[0] != '\0' ? result.why : err_text(err));
	free(result.post_s);
	return is_good ? 0 : -1;
}

static int run_rounds(struct round *rounds, int count, struct bench_report *r)
{
	int err = 0;
	for (int i = 0; i < count && err == 0; i++) {
		rounds[i].server = start_server(&rounds[i].plan, &rounds[i].port);
		if (rounds[i].server < 0)
			err = -1;
	}
	for (int i = 0; i < count && err == 0; i++)
		err = run_round(&rounds[i], r);
	for (int i = 0; i < count && rounds[i].server > 0; i++) {
		(void)kill(rounds[i].server, SIGKILL);
		(void)waitpid(rounds[i].server, NULL, 0);
	}
	return err;
}

void upload_hold_signals(bool is_held)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(is_held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static int run_hub_rounds(const struct round *rounds, int count, struct bench_report *r)
{
	int err = 0;
	for (int i = 0; i < count && err == 0; i++)
		err = upload_hub_round(&rounds[i].plan, r);
	return err;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {{"connections", required_argument, NULL, 'c'},
		{"bytes", required_argument, NULL, 'b'}, {"posts", required_argument, NULL, 'p'},
		{"certs", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
		{"hub", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'c')
			o->connections = optarg;
		else if (c == 'b')
			o->bytes = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			o->posts = strtoul(optarg, NULL, 10);
		else if (c == 'd')
			(void)snprintf(o->certs, sizeof o->certs, "%s", optarg);
		else if (c == 'j')
			o->is_json = true;
		else if (c == 'h')
			o->is_hub = true;
		else
			return false;
	}
	return optind == argc && o->bytes > 0 && o->posts > 0;
}

int main(int argc, char **argv)
{
	struct options o = {.connections = "1000,5000", .bytes = 65536, .posts = 20000};
	struct bench_report report_all;
	struct round rounds[ROUNDS_MAX] = {0};
	if (!read_options(argc, argv, &o)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (o.is_hub)
		upload_hold_signals(true);
	if (o.certs[0] == '\0' && make_certs(&o) < 0) {
		(void)fprintf(stderr,
			"uploads: no certificates: run tools/certs DIR, then --certs DIR\n");
		return 1;
	}
	size_t files = bench_raise_files();
	bench_open(&report_all, o.is_hub ? "uploads_hub" : "uploads",
		o.is_hub
			? "How many agents at once does platen-hub take, at what cost, in how much "
			  "memory?"
			: "How many TLS uploads at once does the hub's stack take, at what cost, "
			  "in how much memory?");
	bench_add(&report_all, "body_bytes", (double)o.bytes, "bytes");
	int count = read_rounds(&o, files, rounds);
	int err = count < 0  ? -1
		  : o.is_hub ? run_hub_rounds(rounds, count, &report_all)
			     : run_rounds(rounds, count, &report_all);
	if (err == 0)
		bench_print(&report_all, o.is_json);
	remove_certs(&o);
	return err == 0 ? 0 : 1;
}
