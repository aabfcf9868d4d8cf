/* SPDX-License-Identifier: Apache-2.0
 * `platen record HOST`: one printer as a recording that `platen read` and `platen-sim` take. */
#include "engine/agent/agent.h"
#include "engine/agent/find.h"
#include "engine/agent/knowledge.h"

#include "engine/ui/hint.h"
#include "engine/fleet/recorder.h"
#include "engine/fleet/roster.h"
#include "proto/recording/recording_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_DEADLINES = 16 };

struct record {
	const struct agent_poll_options *options;
	struct loop *loop;
	struct snmp_client *client;
	struct device device;
	struct agent_who who;
	struct agent_knowledge knowledge;
	struct recorder recorder;
	struct snmp_request question;
	FILE *out;
	char serial[LIMIT_TEXT_SHORT + 1]; /* to be hidden; empty: nothing is */
	size_t rows;
	int err;
};

static void on_end(void *owner, int err)
{
	struct record *r = owner;
	r->err = err;
	loop_stop(r->loop);
}

static int on_row(void *owner, const struct varbind *vb)
{
	struct record *r = owner;
	uint8_t bytes[3 * LIMIT_DATAGRAM];
	struct buf line;
	buf_over(&line, bytes, sizeof bytes);
	int err = recording_write(&line, vb, text_of(r->serial));
	if (err < 0)
		return err;
	r->rows += line.len > 0;
	return fwrite(line.data, 1, line.len, r->out) == line.len ? 0 : -EIO;
}

static void start_recorder(struct record *r)
{
	r->recorder.client = r->client;
	r->recorder.peer = &r->device.peer;
	r->recorder.models = r->knowledge.models;
	r->recorder.on_row = on_row;
	r->recorder.on_end = on_end;
	r->recorder.owner = r;
	int err = recorder_start(&r->recorder);
	if (err < 0)
		on_end(r, err);
}

static void on_serial(void *owner, const struct snmp_response *reply)
{
	struct record *r = owner;
	if (reply->err < 0) {
		on_end(r, reply->err);
		return;
	}
	/* No serial to hide if the printer does not say one here. */
	if (reply->count == 1 && varbind_text(&reply->varbinds[0], r->serial, sizeof r->serial) < 0)
		r->serial[0] = '\0';
	start_recorder(r);
}

/* prtGeneralSerialNumber.1 first: it has to be known before it can be hidden elsewhere. */
static int ask_serial(struct record *r)
{
	static const uint8_t serial[] = {0x2b, 6, 1, 2, 1, 0x2b, 5, 1, 1, 0x11, 1};
	struct oid_ber name = {serial, sizeof serial}, none = {NULL, 0};
	snmp_request_begin(&r->question, SNMP_GET);
	int err = snmp_request_add(&r->question, name, none, LIMIT_REQUEST_FIRST);
	return err < 0 ? err
		       : snmp_client_send(r->client, &r->device.peer, &r->question, on_serial, r);
}

static int run(struct record *r, bool hides_serial)
{
	struct snmp_client_options options = {.window = 1,
		.deadline_ms = r->options->timeout_ms,
		.tries = r->options->tries,
		.nets_have = conf_nets_has};
	int err = snmp_client_open(&r->client, r->loop, &options);
	if (err < 0)
		return err;
	if (hides_serial)
		err = ask_serial(r);
	else
		start_recorder(r);
	if (err == 0)
		err = loop_run(r->loop);
	snmp_client_close(r->client);
	return err < 0 ? err : r->err;
}

static int record(struct record *r, bool hides_serial)
{
	struct conf_device at;
	int err = agent_find(r->options, &at);
	if (err < 0)
		return err;
	device_init(&r->device, &at);
	err = agent_who_open(&r->who, &r->device.peer, at.credential);
	if (err == 0)
		err = loop_open(&r->loop, RECORD_DEADLINES);
	if (err < 0)
		return err;
	err = run(r, hides_serial);
	int closed = loop_close(r->loop);
	agent_who_close(&r->who);
	if (err == 0)
		err = closed;
	if (err < 0)
		(void)fprintf(stderr, "platen: %s: %s after %zu varbinds: %s\n", r->options->host,
			err_text(err), r->rows, hint_snmp(err, r->device.peer.version));
	return err;
}

/* A new file that only its owner may read: it holds a customer's printer. */
static FILE *create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f == NULL) {
		(void)fprintf(stderr, "platen: %s: %s\n", path, err_text(-errno));
		if (fd >= 0)
			(void)close(fd);
	}
	return f;
}

int agent_record(
	const struct agent_poll_options *o, const char *path, bool hides_serial, size_t *ret_rows)
{
	struct record r = {.options = o};
	bool is_stdout = strcmp(path, "-") == 0;
	int err = agent_need_knowledge(&r.knowledge, o->models);
	if (err < 0)
		return err;
	r.out = is_stdout ? stdout : create(path);
	if (r.out == NULL) {
		agent_close_knowledge(&r.knowledge);
		return -EEXIST;
	}
	err = record(&r, hides_serial);
	if (fflush(r.out) != 0 && err == 0) {
		err = -EIO;
		(void)fprintf(stderr, "platen: %s: cannot be written\n", path);
	}
	if (!is_stdout) {
		(void)fclose(r.out); /* flushed just now */
		if (err < 0)
			(void)unlink(path);
	}
	*ret_rows = r.rows;
	agent_close_knowledge(&r.knowledge);
	return err;
}
