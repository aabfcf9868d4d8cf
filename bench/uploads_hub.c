/* SPDX-License-Identifier: Apache-2.0
 * bench/uploads --hub: a real platen-hub with an empty store for each number of connections, and as
 * many agents (uploads_agents.c), each with its own agent id and one signed batch of readings of
 * its own printers. In the end the hub is stopped and must know every one of these printers. */
#include "bench/common.h"
#include "bench/uploads.h"

#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct hub_bench {
	const struct upload_plan *plan;
	char hub[PATH_MAX]; /* the program */
	char dir[64];       /* config, log, state, agent's key: removed in the end */
	char secret[128];
	pid_t pid;
	uint16_t port;
	struct upload_batches batches;
};

/* ---- the hub ---- */

static int make_dir(struct hub_bench *h)
{
	char certs[PATH_MAX];
	char dir[sizeof h->dir];
	char path[PATH_MAX + 16];
	char exe[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n < 0)
		return -errno;
	exe[n] = '\0';
	char *slash = strrchr(exe, '/');
	if (slash != NULL)
		*slash = '\0';
	(void)snprintf(h->hub, sizeof h->hub, "%s/../bin/platen-hub", exe);
	if (access(h->hub, X_OK) < 0)
		return -errno;
	if (realpath(h->plan->certs, certs) == NULL)
		return -errno;
	(void)snprintf(dir, sizeof dir, "/tmp/platen-uploads-hub-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -errno;
	memcpy(h->dir, dir, sizeof h->dir);
	(void)snprintf(path, sizeof path, "%s/state", h->dir);
	if (mkdir(path, S_IRWXU) < 0)
		return -errno;
	(void)snprintf(path, sizeof path, "%s/hub.yaml", h->dir);
	FILE *f = fopen(path, "we");
	if (f == NULL)
		return -errno;
	(void)fprintf(f,
		"state_dir: %s/state\nlisten:\n  address: 127.0.0.1\n  port: 0\n"
		"tls:\n  cert_file: %s/server.pem\n  key_file: %s/server.key\n"
		"max_connections: %d\n",
		h->dir, certs, certs, LIMIT_CONNS);
	return fclose(f) == 0 ? 0 : -EIO;
}

static void remove_dir(const struct hub_bench *h)
{
	char command[PATH_MAX + 16];
	if (h->dir[0] == '\0')
		return;
	(void)snprintf(command, sizeof command, "rm -r '%s'", h->dir);
	if (system(command) != 0)
		(void)fprintf(stderr, "uploads: %s is left\n", h->dir);
}

/* The first line that a verb of the hub's program prints, `filter` behind it. */
static int ask_hub(
	const struct hub_bench *h, const char *verb, const char *filter, char *line, size_t cap)
{
	char command[3 * PATH_MAX];
	(void)snprintf(command, sizeof command, "'%s' %s --config '%s/hub.yaml' 2>>'%s/log' %s",
		h->hub, verb, h->dir, h->dir, filter);
	FILE *p = popen(command, "re");
	if (p == NULL)
		return -errno;
	bool has_line = fgets(line, (int)cap, p) != NULL;
	if (pclose(p) != 0 || !has_line)
		return -EIO;
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

static _Noreturn void become_hub(const struct hub_bench *h, int ready_fd)
{
	char path[PATH_MAX + 16];
	char fd[16];
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	upload_hold_signals(false);
	(void)snprintf(path, sizeof path, "%s/log", h->dir);
	if (freopen(path, "a", stderr) == NULL)
		_exit(127);
	(void)snprintf(path, sizeof path, "%s/hub.yaml", h->dir);
	(void)snprintf(fd, sizeof fd, "%d", ready_fd);
	(void)execl(h->hub, "platen-hub", "run", "--config", path, "--ready-fd", fd, (char *)NULL);
	_exit(127);
}

static int start_hub(struct hub_bench *h)
{
	int fds[2];
	char line[128] = "";
	unsigned port = 0;
	if (pipe(fds) < 0)
		return -errno;
	h->pid = fork();
	if (h->pid == 0) {
		(void)close(fds[0]);
		become_hub(h, fds[1]);
	}
	(void)close(fds[1]);
	FILE *ready = fdopen(fds[0], "r");
	bool is_ready = h->pid > 0 && ready != NULL && fgets(line, sizeof line, ready) != NULL &&
			sscanf(line, "{\"ready\":true,\"port\":%5u}", &port) == 1;
	if (ready != NULL)
		(void)fclose(ready);
	h->port = (uint16_t)port;
	return is_ready && port > 0 ? 0 : -EIO;
}

/* Ends the hub; 0 only if it says itself that all is well. */
static int stop_hub(struct hub_bench *h, int signo)
{
	int status = 0;
	pid_t pid = h->pid;
	h->pid = 0;
	if (pid <= 0)
		return 0;
	if (kill(pid, signo) < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return status == 0 ? 0 : -EIO;
}

static void show_log(const struct hub_bench *h)
{
	char command[PATH_MAX + 32];
	(void)snprintf(command, sizeof command, "tail -n 5 '%s/log' >&2", h->dir);
	if (h->dir[0] == '\0' || system(command) != 0)
		(void)fprintf(stderr, "uploads: the hub has no log\n");
}

/* ---- one round ---- */

static void report(struct bench_report *r, const struct hub_bench *h, struct upload_result *u)
{
	const size_t c = h->plan->connections;
	const double n = (double)c;
	const double records = (double)h->batches.records;
	const double mb = (double)h->batches.raw_bytes / 1e6;
	const struct upload_phase *p = &u->posts;
	upload_add(r, c, "full_per_s", n / u->full.wall_s, "handshakes/s");
	upload_add(r, c, "full_per_hub_cpu_s", n / u->full.server_cpu_s, "handshakes/CPU s");
	upload_add(r, c, "resumed_per_s", n / u->resumed.wall_s, "handshakes/s");
	upload_add(r, c, "resumed_per_hub_cpu_s", n / u->resumed.server_cpu_s, "handshakes/CPU s");
	upload_add(r, c, "hub_start_rss_kib", (double)u->server_start_kib, "KiB");
	upload_add(r, c, "hub_idle_kib_per_connection",
		((double)u->full.server_rss_kib - (double)u->server_start_kib) / n, "KiB");
	upload_add(r, c, "hub_peak_rss_kib", (double)u->server_peak_kib, "KiB");
	upload_add(r, c, "batches", n, "");
	upload_add(r, c, "records", records, "");
	upload_add(r, c, "batch_raw_bytes", (double)h->batches.raw_bytes / n, "bytes");
	upload_add(r, c, "batch_sent_bytes", (double)h->batches.sent_bytes / n, "bytes");
	upload_add(r, c, "batches_per_s", n / p->wall_s, "batches/s");
	upload_add(r, c, "batches_per_hub_cpu_s", n / p->server_cpu_s, "batches/CPU s");
	upload_add(r, c, "records_per_s", records / p->wall_s, "records/s");
	upload_add(r, c, "records_per_hub_cpu_s", records / p->server_cpu_s, "records/CPU s");
	upload_add(r, c, "raw_mb_per_s", mb / p->wall_s, "MB/s");
	upload_add(r, c, "raw_mb_per_hub_cpu_s", mb / p->server_cpu_s, "MB/CPU s");
	upload_add(r, c, "receipt_p50_ms", bench_quantile(u->post_s, c, 0.5) * 1e3, "ms");
	upload_add(r, c, "receipt_p99_ms", bench_quantile(u->post_s, c, 0.99) * 1e3, "ms");
	upload_add(r, c, "asked_to_wait", (double)u->waits, "");
}

static int count_devices(const struct hub_bench *h, size_t *count)
{
	char line[64];
	int err = ask_hub(h, "devices --jsonl", "| wc -l", line, sizeof line);
	*count = err == 0 ? strtoul(line, NULL, 10) : 0;
	return err;
}

static int measure(struct hub_bench *h, struct upload_result *u)
{
	char key_file[sizeof h->dir + 16];
	size_t devices = 0;
	int err = make_dir(h);
	(void)snprintf(key_file, sizeof key_file, "%s/agent.key", h->dir);
	if (err == 0)
		err = upload_batches_make(
			&h->batches, h->plan->connections, key_file, h->plan->body_bytes);
	if (err == 0)
		err = ask_hub(h, "user add agent1 --role agent", "", h->secret, sizeof h->secret);
	if (err == 0)
		err = start_hub(h);
	struct upload_agents_plan plan = {.connections = h->plan->connections,
		.certs = h->plan->certs,
		.user = "agent1",
		.secret = h->secret,
		.port = h->port,
		.hub = h->pid,
		.batches = h->batches.each};
	if (err == 0)
		err = upload_agents_run(&plan, u);
	if (err < 0 || u->wrong > 0)
		return err;
	if (u->post_count != plan.connections)
		return ERR_SHORT;
	if ((err = stop_hub(h, SIGTERM)) < 0 || (err = count_devices(h, &devices)) < 0)
		return err;
	if (devices != h->batches.records) {
		u->wrong++;
		(void)snprintf(u->why, sizeof u->why, "the hub knows %zu of %zu printers", devices,
			h->batches.records);
	}
	return 0;
}

int upload_hub_round(const struct upload_plan *plan, struct bench_report *r)
{
	struct hub_bench h = {.plan = plan};
	struct upload_result u = {0};
	int err = measure(&h, &u);
	bool is_good = err == 0 && u.wrong == 0;
	if (is_good) {
		report(r, &h, &u);
	} else {
		(void)fprintf(stderr, "uploads: no report: %zu wrong of %zu connections: %s\n",
			u.wrong, plan->connections, u.why[0] != '\0' ? u.why : err_text(err));
		show_log(&h);
	}
	int stopped = stop_hub(&h, SIGKILL); /* only after a failure: it has not been asked yet */
	(void)stopped;
	remove_dir(&h);
	upload_batches_free(&h.batches);
	free(u.post_s);
	return is_good ? 0 : -1;
}
