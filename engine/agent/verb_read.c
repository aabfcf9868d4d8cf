/* SPDX-License-Identifier: Apache-2.0
 * platen read: a recorded printer through the code that reads live ones: a recording of SNMP
 * (proto/mib/recording_agent.h), or the body of a Get-Printer-Attributes response (.ipp). */
#include "engine/agent/knowledge.h"
#include "engine/agent/verbs.h"

#include "engine/ui/view.h"
#include "proto/ipp/ipp_reading.h"
#include "proto/mib/recording_agent.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A whole file of at most LIMIT_RECORDING bytes; `why` is a sentence if it cannot be read. */
static int load(const char *path, struct buf *bytes, char why[LIMIT_WHY])
{
	int err = agent_read_file(bytes, path);
	if (err == ERR_LIMIT)
		(void)snprintf(why, LIMIT_WHY, "larger than a recording may be (%u MiB)",
			LIMIT_RECORDING >> 20);
	else if (err < 0)
		(void)snprintf(why, LIMIT_WHY, "%s", err_text(err));
	return err;
}

/* Damaged lines of one file. */
struct damage {
	const struct cli *cli;
	const char *path;
	size_t count;
};

enum { WARNINGS_MAX = 10 }; /* of one file */

static void warn_of_damage(void *owner, const char *why)
{
	struct damage *d = owner;
	if (d->count++ < WARNINGS_MAX)
		cli_error(d->cli, "warning: %s: %s: skipped", d->path, why);
}

/* The ending of the name gives the format. */
static int parse_recording(struct recording *recording, const struct cli *cli, const char *path,
	const struct buf *bytes, char why[LIMIT_WHY])
{
	struct damage damage = {.cli = cli, .path = path};
	int format = recording_format_of(path);
	if (format < 0) {
		(void)snprintf(why, LIMIT_WHY,
			"not a recording by its name: .snmprec, .snmpwalk, .pdus.json, "
			".oidvalue.json, .oidmap.json, .valueoid.txt or .ipp");
		return format;
	}
	int err = recording_parse_lenient(recording, (enum recording_format)format,
		RECORDING_KEEP_FIRST, bytes->data, bytes->len,
		cli_has(cli, "strict") ? NULL : warn_of_damage, &damage, why);
	if (damage.count > WARNINGS_MAX)
		cli_error(cli, "warning: %s: %zu more damaged lines: skipped", path,
			damage.count - WARNINGS_MAX);
	if (err == 0 && recording->count == 0) {
		(void)snprintf(why, LIMIT_WHY,
			"no line of it is a varbind: is it of the format that its name ends with?");
		err = ERR_FORMAT;
	}
	return err;
}

/* The responses in another SNMP context, from a file of their own. */
static int load_context(struct recording *recording, const struct cli *cli, const char *path)
{
	struct buf bytes;
	char why[LIMIT_WHY] = "";
	buf_open(&bytes, LIMIT_RECORDING);
	int err = load(path, &bytes, why);
	if (err == 0)
		err = parse_recording(recording, cli, path, &bytes, why);
	if (err < 0)
		cli_error(cli, "%s: %s", path, why[0] != '\0' ? why : err_text(err));
	buf_close(&bytes);
	return err;
}

struct read_options {
	const struct cli *cli;
	const char *recording;
	const char *context; /* a recording in another SNMP context; or NULL */
	bool is_json;
	bool is_strict; /* a damaged line is an error */
};

static int read_recording(struct reading *r, const struct read_options *o, const struct buf *bytes,
	const struct models *models, uint64_t now_ms, char why[LIMIT_WHY])
{
	struct recording recording = {0}, context = {0};
	int err = parse_recording(&recording, o->cli, o->recording, bytes, why);
	if (err == 0 && o->context != NULL && load_context(&context, o->cli, o->context) < 0)
		err = ERR_STOPPED;
	if (err == 0)
		recording_poll(r, &recording, o->context != NULL ? &context : NULL, models, now_ms);
	recording_close(&recording);
	recording_close(&context);
	return err;
}

static int read_ipp(struct reading *r, const struct buf *bytes, const struct models *models,
	uint64_t now_ms, char why[LIMIT_WHY])
{
	int err = ipp_decode(r, models, bytes->data, bytes->len, why, LIMIT_WHY);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		if (r->group[g].status != GROUP_NOT_REQUESTED)
			r->group[g].requested_at_ms = r->group[g].responded_at_ms = now_ms;
	}
	return err;
}

static bool is_ipp(const char *path)
{
	size_t len = strlen(path);
	return len > 4 && strcmp(path + len - 4, ".ipp") == 0;
}

static int read_any(struct reading *r, const struct read_options *o, const struct buf *bytes,
	const struct models *models, char why[LIMIT_WHY])
{
	uint64_t now_ms = (uint64_t)time(NULL) * 1000;
	return is_ipp(o->recording) ? read_ipp(r, bytes, models, now_ms, why)
				    : read_recording(r, o, bytes, models, now_ms, why);
}

static int read_and_show(const struct read_options *o, const struct buf *bytes,
	const struct models *models, char why[LIMIT_WHY])
{
	struct slab blocks;
	struct reading r;
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return err;
	reading_open(&r, &blocks);
	int read_err = read_any(&r, o, bytes, models, why);
	/* An IPP response that is malformed, or cut off, is shown as far as it can be read. */
	if (read_err >= 0 && o->is_strict && why[0] != '\0')
		read_err = ERR_FORMAT;
	bool is_refused = read_err < 0 && (o->is_strict || !r.identity.is_printer);
	err = is_refused ? read_err : view_reading(&r, o->is_json);
	if (err == 0 && why[0] != '\0')
		cli_error(o->cli, "%s: %s", o->recording, why);
	if (err == 0 && read_err < 0)
		err = ERR_STOPPED; /* its reason is printed */
	reading_close(&r);
	slab_close(&blocks);
	return err;
}

static int run(const struct cli *cli)
{
	struct read_options o = {.cli = cli,
		.recording = cli_value(cli, "recording"),
		.context = cli_value(cli, "context-file"),
		.is_json = cli_has(cli, "json"),
		.is_strict = cli_has(cli, "strict")};
	struct buf bytes;
	struct agent_knowledge knowledge;
	char why[LIMIT_WHY] = "";
	int err = agent_need_knowledge(&knowledge, cli_value(cli, "models"));
	if (err < 0)
		return cli_exit_of(err);
	buf_open(&bytes, LIMIT_RECORDING);
	err = load(o.recording, &bytes, why);
	if (err == 0)
		err = read_and_show(&o, &bytes, knowledge.models, why);
	if (err < 0 && err != ERR_STOPPED)
		cli_error(cli, "%s: %s", o.recording, why[0] != '\0' ? why : err_text(err));
	buf_close(&bytes);
	agent_close_knowledge(&knowledge);
	return err < 0 ? CLI_FAILED : cli_finish(cli);
}

#define RECORDINGS ".snmprec .snmpwalk .pdus.json .oidvalue.json .oidmap.json .valueoid.txt .ipp"

static const struct cli_option options[] = {
	CLI_OPTION("recording", 'r', .type = CLI_FILE, .is_needed = true, .value = "FILE",
		.words = RECORDINGS,
		.help = "the recording; the ending of its name gives the format"),
	CLI_OPTION("context-file", 'x', .type = CLI_FILE, .value = "FILE", .words = RECORDINGS,
		.help = "a recording of the same printer in another SNMP context (HP: Jetdirect)"),
	CLI_OPTION("strict", 0,
		.help = "refuse a recording with a damaged line, or a malformed attribute"),
	{.name = NULL}};

const struct cli_verb agent_verb_read = {.name = "read",
	.summary = "show the reading of a recorded printer",
	.details = "Reads a recording (.snmprec, .snmpwalk, .pdus.json, .oidvalue.json, "
		   ".oidmap.json, .valueoid.txt, .ipp) with the code that reads live printers. A "
		   "damaged line is skipped with a warning that names it; a walk without the "
		   "system group is read by the vendors' objects in it.",
	.options = {options, agent_option_models, cli_option_json},
	.run = run};
