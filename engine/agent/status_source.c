/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/status_source.h"

#include "engine/cli/cli.h"
#include "engine/ui/ctl.h"
#include "proto/base/str.h"

#include <errno.h>
#include <string.h>

/* A daemon whose loop runs responds within milliseconds. */
enum { RESPONSE_S = 5 };

/* A daemon without a control socket writes status.json at least every 30 s. */
enum { STALE_MS = 120000 };

/* 1: the daemon responded, *s is of this moment. 0: none listens. ERR_TIMEOUT, or another error:
 * one listens and gives no status. */
static int ask_daemon(const char *dir, struct agent_status *s)
{
	static const struct ctl_field request = {"do", "status"};
	char text[LIMIT_CTL_LINE];
	uint8_t bytes[64];
	struct buf line;
	buf_over(&line, bytes, sizeof bytes);
	int err = ctl_line_write(&line, &request, 1);
	if (err == 0)
		err = ctl_request_within(dir, &line, RESPONSE_S, text, sizeof text);
	if (err == -ENOENT || err == -ECONNREFUSED || err == -ENAMETOOLONG)
		return 0;
	if (err == 0)
		err = status_parse(s, text, strlen(text));
	return err < 0 ? err : 1;
}

/* No process listens: what the last one wrote, or that one holds the lock. */
static int read_last(const char *dir, struct agent_status *s, bool *is_running)
{
	uint64_t pid;
	int running = status_is_running(dir, &pid);
	int err = running < 0 ? running : status_read(dir, s);
	*is_running = running == 1;
	if (running != 1)
		return err;
	/* Without a control socket (a long state_dir) status.json is all there is. Another pid's is
	 * of an earlier run. */
	if (err < 0 || s->pid != pid) {
		*s = (struct agent_status){.pid = pid, .state = STATUS_STARTING};
		(void)str_copy(s->version, sizeof s->version, PLATEN_VERSION);
	} else if (cli_wall_ms() > s->written_ms + STALE_MS) {
		(void)str_copy(s->state, sizeof s->state, STATUS_NOT_RESPONDING);
	}
	return 0;
}

int agent_status_get(const char *dir, struct agent_status *s, bool *is_running)
{
	uint64_t pid;
	*s = (struct agent_status){.pid = 0};
	*is_running = true;
	int err = ask_daemon(dir, s);
	if (err == 0)
		return read_last(dir, s, is_running);
	if (err < 0 && status_is_running(dir, &pid) == 1) {
		/* A status written before it hung may be hours old: the state stands above it. */
		if (status_read(dir, s) < 0 || s->pid != pid)
			*s = (struct agent_status){.pid = pid, .version = PLATEN_VERSION};
		(void)str_copy(s->state, sizeof s->state, STATUS_NOT_RESPONDING);
		err = 0;
	}
	return err < 0 ? err : 0;
}
