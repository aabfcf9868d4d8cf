/* SPDX-License-Identifier: Apache-2.0
 * `platen run`: the daemon, until SIGTERM or SIGINT; SIGHUP reads the configuration again. */
#include "engine/agent/agent_internal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The first polls are spread over this time, or over a tenth of the interval if that is less. */
enum { FIRST_SPREAD_MS = 60000 };

static void on_signal(void *owner, int signo)
{
	struct agent *a = owner;
	log_line(LOG_INFO, "agent", "signal=%d what=\"stopping\"", signo);
	agent_shut_down(a);
}

static void on_hangup(void *owner, int signo)
{
	struct agent *a = owner;
	log_line(LOG_INFO, "agent", "signal=%d what=\"reading the configuration\"", signo);
	agent_reload(a);
}

static int watch_signals(struct agent *a)
{
	int err = loop_signal_watch(a->loop, SIGTERM, on_signal, a);
	if (err == 0)
		err = loop_signal_watch(a->loop, SIGINT, on_signal, a);
	if (err == 0)
		err = loop_signal_watch(a->loop, SIGHUP, on_hangup, a);
	return err;
}

/* The daemon lives although nothing may be under way: by its status deadline, which is always set.
 */
static int tell_ready(int fd)
{
	static const char line[] = "{\"ready\":true}\n";
	if (fd < 0)
		return 0;
	ssize_t n = write(fd, line, sizeof line - 1);
	return n == (ssize_t)(sizeof line - 1) ? 0 : n < 0 ? -errno : -EIO;
}

int agent_run(const struct agent_conf *conf, int ready_fd)
{
	struct agent a;
	int err = agent_open(&a, conf, false);
	if (err < 0)
		return err;
	uint64_t spread = conf->poll_interval_ms / 10;
	if (spread > FIRST_SPREAD_MS)
		spread = FIRST_SPREAD_MS;
	err = watch_signals(&a);
	if (err == 0)
		err = tell_ready(ready_fd);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=%s what=\"cannot start\"", err_text(err));
		agent_shut_down(&a);
	} else {
		agent_status_soon(&a);
		agent_start(&a, spread);
	}
	int ran = loop_run(a.loop);
	int closed = agent_close(&a);
	log_line(LOG_INFO, "agent", "what=\"stopped\" result=%s",
		err_text(err < 0   ? err
			 : ran < 0 ? ran
				   : closed));
	return err < 0 ? err : a.err < 0 ? a.err : ran < 0 ? ran : closed;
}
