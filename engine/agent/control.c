/* SPDX-License-Identifier: Apache-2.0
 * The agent's control socket. Its own verbs reach the running daemon by it: no figure of it depends
 * on the state directory's disk, which may be full, read-only or failing. */
#include "engine/agent/agent_internal.h"

#include "proto/text/json_writer.h"

#include <errno.h>
#include <string.h>

static void respond_status(struct agent *a, struct ctl_session *s)
{
	struct agent_status now;
	struct buf b;
	struct writer w;
	if (a->fleet == NULL) {
		ctl_respond(s, false, "the agent is ending");
		return;
	}
	agent_status_collect(a, &now);
	buf_open(&b, LIMIT_CTL_LINE);
	writer_open(&w, &b);
	status_json(&w, &now, true);
	writer_char(&w, '\0');
	int err = writer_close(&w);
	ctl_respond(s, err == 0, err == 0 ? (const char *)b.data : err_text(err));
	buf_close(&b);
}

static void on_line(void *owner, struct ctl_session *s, const struct ctl_line *line)
{
	if (strcmp(ctl_line_get(line, "do"), "status") == 0)
		respond_status(owner, s);
	else
		ctl_respond(s, false, "this agent does not know how to do that");
}

/* Printers are read without it all the same. */
int agent_control_open(struct agent *a)
{
	int err = ctl_open(&a->control, a->loop, a->workers, a->conf->state_dir, on_line, a);
	if (err < 0)
		log_line(LOG_WARN, "control",
			"file=\"%s/" CTL_FILE "\" err=\"%s\" what=\"no control socket\" "
			"next=\"platen status shows status.json only%s\"",
			a->conf->state_dir, err_text(err),
			err == -ENAMETOOLONG ? ": choose a shorter state_dir" : "");
	return 0;
}
