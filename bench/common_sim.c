/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/common_sim.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *bench_sim_path(void)
{
	static char beside[4096];
	ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 32);
	if (n < 0)
		return "platen-sim";
	beside[n] = '\0';
	(void)snprintf(strrchr(beside, '/'), 32, "/../bin/platen-sim");
	return beside;
}

static int spawn(struct bench_sim *sim, const char *const *argv)
{
	int pipes[2];
	(void)snprintf(sim->err_path, sizeof sim->err_path, "/tmp/platen-bench-XXXXXX");
	int err_fd = mkstemp(sim->err_path);
	if (err_fd < 0 || pipe(pipes) < 0)
		return -1;
	posix_spawn_file_actions_t actions;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
	(void)posix_spawn_file_actions_addclose(&actions, pipes[0]);
	int rc = posix_spawn(
		&sim->pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(pipes[1]);
	(void)close(err_fd);
	sim->out = fdopen(pipes[0], "r");
	return rc == 0 && sim->out != NULL ? 0 : -1;
}

int bench_sim_start(struct bench_sim *sim, const char *bench, const char *const *argv)
{
	char line[512] = "";
	if (spawn(sim, argv) < 0 || fgets(line, sizeof line, sim->out) == NULL) {
		(void)fprintf(stderr, "%s: %s ended before it was ready\n", bench, argv[0]);
		return -1;
	}
	json_t *ready = json_loads(line, 0, NULL);
	const char *address = json_string_value(json_object_get(ready, "first"));
	sim->port = (uint16_t)json_integer_value(json_object_get(ready, "port"));
	int ok = address != NULL && inet_pton(AF_INET, address, &sim->first) == 1;
	json_decref(ready);
	return sim->port != 0 && ok ? 0 : -1;
}

void bench_sim_stop(struct bench_sim *sim)
{
	int status;
	struct rusage u;
	sim->drops = sim->requests = -1;
	(void)kill(sim->pid, SIGTERM);
	if (wait4(sim->pid, &status, 0, &u) == sim->pid)
		sim->cpu_s = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
			     (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	(void)fclose(sim->out);
	FILE *err = fopen(sim->err_path, "r");
	char line[sizeof sim->stats];
	while (err != NULL && fgets(line, sizeof line, err) != NULL) {
		const char *at = strchr(line, '{');
		json_t *stats = at == NULL ? NULL : json_loads(at, 0, NULL);
		if (stats != NULL) {
			sim->drops = json_integer_value(json_object_get(stats, "drops"));
			sim->requests = json_integer_value(json_object_get(stats, "received"));
		}
		json_decref(stats);
		(void)snprintf(sim->stats, sizeof sim->stats, "%s", line);
	}
	if (err != NULL)
		(void)fclose(err);
	(void)unlink(sim->err_path);
}
