/* SPDX-License-Identifier: Apache-2.0
 * platen record: one printer as a .snmprec file for `platen read` and `platen-sim`. */
#include "engine/agent/knowledge.h"
#include "engine/agent/printer_options.h"
#include "engine/agent/verbs.h"

#include "engine/ui/hint.h"
#include "engine/loop/file.h"
#include "engine/fleet/recorder.h"
#include "engine/fleet/roster.h"
#include "proto/recording/recording_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_DEADLINES = 16 };

struct record {
	struct printer_options options;
	struct loop *loop;
	struct snmp_client *client;
	struct device device;
	struct printer_session session;
	struct agent_knowledge knowledge;
	struct recorder recorder;
	struct snmp_request request;
	FILE *out;
	char serial[LIMIT_TEXT_SHORT + 1]; /* is masked wherever it occurs; "": none */
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

static void on_serial(void *owner, const struct snmp_response *response)
{
	struct record *r = owner;
	if (response->err < 0) {
		on_end(r, response->err);
		return;
	}
	/* A printer without this object has no serial number to mask. */
	if (response->count == 1 &&
		varbind_text(&response->varbinds[0], r->serial, sizeof r->serial) < 0)
		r->serial[0] = '\0';
	start_recorder(r);
}

/* prtGeneralSerialNumber.1 first: other objects repeat it. */
static int request_serial(struct record *r)
{
	static const uint8_t serial[] = {0x2b, 6, 1, 2, 1, 0x2b, 5, 1, 1, 0x11, 1};
	struct oid_ber name = {serial, sizeof serial}, none = {NULL, 0};
	snmp_request_begin(&r->request, SNMP_GET);
	int err = snmp_request_add(&r->request, name, none, LIMIT_REQUEST_FIRST);
	return err < 0 ? err
		       : snmp_client_send(r->client, &r->device.peer, &r->request, on_serial, r);
}

static int run_loop(struct record *r, bool hides_serial)
{
	int err = printer_client_open(&r->client, r->loop, &r->options);
	if (err < 0)
		return err;
	if (hides_serial)
		err = request_serial(r);
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
	int err = printer_find(&r->options, &at);
	if (err < 0)
		return err;
	device_init(&r->device, &at);
	err = printer_session_open(&r->session, &r->device.peer, at.credential);
	if (err == 0)
		err = loop_open(&r->loop, RECORD_DEADLINES);
	if (err < 0) {
		printer_session_close(&r->session);
		return err;
	}
	err = run_loop(r, hides_serial);
	int closed = loop_close(r->loop);
	printer_session_close(&r->session);
	if (err == 0)
		err = closed;
	if (err < 0)
		cli_error(r->options.cli, "%s: %s after %zu varbind%s: %s", r->options.url.host,
			err_text(err), r->rows, PLURAL_S(r->rows),
			hint_snmp(err, r->device.peer.version));
	return err;
}

static int record_to(struct record *r, const char *path)
{
	const struct cli *cli = r->options.cli;
	bool is_stdout = strcmp(path, "-") == 0;
	r->out = stdout;
	int err = is_stdout ? 0 : agent_new_file(cli, path, &r->out);
	if (err < 0)
		return err;
	err = record(r, cli_has(cli, "hide-serial"));
	if (is_stdout)
		return err; /* cli_finish flushes it */
	bool is_whole = err == 0;
	if (is_whole)
		err = fflush(r->out) != 0 ? -EIO : file_name_it(fileno(r->out), path);
	if (is_whole && err < 0)
		cli_error(cli, "%s: %s", path, err_text(err));
	if (err < 0)
		file_drop(fileno(r->out), path);
	else
		cli_error(cli, "%zu varbind%s in %s", r->rows, PLURAL_S(r->rows), path);
	(void)fclose(r->out); /* flushed just now, or of no use */
	return err;
}

static int run(const struct cli *cli)
{
	struct record r = {.rows = 0};
	int code = printer_options_open(&r.options, cli);
	if (code == CLI_OK && r.options.url.is_ipp)
		code = cli_usage(cli, "a recording is made by SNMP, not from a URL of IPP");
	if (code == CLI_OK) {
		int err = agent_need_knowledge(&r.knowledge, cli_value(cli, "models"));
		if (err == 0)
			err = record_to(&r, cli_value(cli, "output"));
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	agent_close_knowledge(&r.knowledge);
	printer_options_close(&r.options);
	return code;
}

static const struct cli_option options[] = {
	CLI_OPTION("output", 'o', .type = CLI_FILE, .is_needed = true, .value = "FILE",
		.words = ".snmprec",
		.help = "the recording (.snmprec); must not exist; - is stdout"),
	CLI_OPTION("hide-serial", 0, .help = "mask the serial number too"), {.name = NULL}};

const struct cli_verb agent_verb_record = {.name = "record",
	.args = "HOST",
	.arg_type = CLI_HOST,
	.min_args = 1,
	.max_args = 1,
	.summary = "record one printer as a file",
	.details = "The recording holds every object that platen reads of any printer. Text that "
		   "people typed (contact, location, names, e-mail addresses) is masked at equal "
		   "length; lists of jobs and users are not read. platen read and platen-sim read "
		   "the file.",
	.options = {agent_printer_options, options, agent_option_models},
	.run = run};
