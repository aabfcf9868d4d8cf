/* SPDX-License-Identifier: Apache-2.0
 * `platen run`: the daemon, until SIGTERM or SIGINT. `platen once`: one cycle over every printer,
 * then one sync if it is due. */
#include "engine/agent/agent_internal.h"

#include <errno.h>
#include <unistd.h>

/* The first polls are spread over this time, or over a tenth of the interval if that is less. */
enum { FIRST_SPREAD_MS = 60000 };

static int write_ready(int fd)
{
	static const char line[] = "{\"ready\":true}\n";
	if (fd < 0)
		return 0;
	ssize_t n = write(fd, line, sizeof line - 1);
	return n == (ssize_t)(sizeof line - 1) ? 0 : n < 0 ? -errno : -EIO;
}

static int first_error(int a, int b, int c)
{
	return a < 0 ? a : b < 0 ? b : c;
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
	err = daemon_watch_signals(&a.daemon, a.loop);
	if (err == 0)
		err = write_ready(ready_fd);
	if (err < 0) {
		log_line(LOG_ERROR, "agent", "err=\"%s\" what=\"cannot start\"", err_text(err));
		agent_shut_down(&a);
	} else {
		agent_status_soon(&a);
		agent_start(&a, spread);
	}
	int ran = loop_run(a.loop);
	int closed = agent_close(&a);
	err = first_error(err < 0 ? err : a.err, ran, closed);
	log_line(LOG_INFO, "agent", "state=stopped result=\"%s\"", err_text(err));
	return err;
}

int agent_once(const struct agent_conf *conf, bool is_forced, struct agent_summary *ret)
{
	struct agent a;
	int err = agent_open(&a, conf, true);
	if (err < 0)
		return err;
	a.is_forced = is_forced;
	a.summary.unresolved = names_unknown(&a.names);
	a.cycle_began_ms = a.cycle_ended_ms = loop_now_ms(a.loop);
	if (a.devices > 0)
		agent_start(&a, 0);
	else
		agent_on_fleet_idle(&a); /* earlier readings are sent all the same */
	int ran = loop_run(a.loop);
	*ret = a.summary;
	int closed = agent_close(&a);
	return first_error(a.err, ran, closed);
}
