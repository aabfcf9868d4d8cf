/* SPDX-License-Identifier: Apache-2.0
 * platen export: pending batches as files. platen import-receipts: their receipts. */
#include "engine/agent/agent.h"
#include "engine/agent/host.h"
#include "engine/agent/verbs.h"
#include "engine/loop/file.h"
#include "engine/store/spool_offline.h"
#include "engine/ui/audit_verb.h"
#include "engine/uplink/batch_file.h"
#include "proto/text/escape.h"
#include "proto/text/json_writer.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- export ---- */

static void write_entry(const struct cli *cli, const struct batch_export *e, int err)
{
	char what[LIMIT_AUDIT_WHAT], digest[2 * CRYPTO_SHA256 + 1] = "-";
	if (e->batches > 0)
		str_hex(digest, e->newest, sizeof e->newest);
	(void)snprintf(what, sizeof what,
		"what=export batches=%zu records=%zu first=%ju last=%ju bytes=%zu batch=%s dir=%s",
		e->batches, e->records, (uintmax_t)e->first, (uintmax_t)e->last, e->bytes, digest,
		e->dir);
	audit_note_action(cli, e->state_dir, AUDIT_ACTION, err, what);
}

static void print_export(const struct cli *cli, const struct batch_export *e)
{
	struct writer w;
	if (!cli_has(cli, "json")) {
		(void)printf("%zu batch%s with %zu record%s in %s, %zu bytes\n", e->batches,
			PLURAL_ES(e->batches), e->records, PLURAL_S(e->records), e->dir, e->bytes);
		return;
	}
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_uint(&w, "batches", e->batches);
	jw_uint(&w, "records", e->records);
	jw_uint(&w, "bytes", e->bytes);
	jw_uint(&w, "damaged", e->damaged);
	(void)!jw_close(&w); /* cli_finish checks stdout */
}

static int export_to(const struct cli *cli, struct batch_export *e, const struct agent_conf *conf)
{
	struct crypto_key *key;
	char path[PATH_MAX];
	struct stat st;
	int err = stat(e->dir, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	if (err < 0)
		return cli_fail(cli, err, "%s: %s", e->dir, err_text(err));
	(void)snprintf(path, sizeof path, "%s/store.db", conf->state_dir);
	if (access(path, F_OK) < 0)
		return cli_finish_state(cli, -errno, conf->state_dir, "",
			"no printer was read here yet; start with: platen once");
	if (snprintf(path, sizeof path, "%s/agent.key", conf->state_dir) >= (int)sizeof path)
		return cli_fail(cli, -ENAMETOOLONG, "%s", err_text(-ENAMETOOLONG));
	err = crypto_key_open(
		&key, path, conf->is_fips ? CRYPTO_P256 : CRYPTO_ANY, e->why, sizeof e->why);
	if (err < 0)
		return cli_fail(cli, err, "%s", e->why);
	e->key = key;
	err = batch_export(e);
	crypto_key_close(key);
	write_entry(cli, e, err < 0 ? err : 0);
	if (err < 0)
		return cli_fail(cli, err, "%s", e->why);
	if (e->damaged > 0)
		cli_error(
			cli, "%zu record%s left out as damaged", e->damaged, PLURAL_S(e->damaged));
	print_export(cli, e);
	return cli_finish(cli);
}

static int run_export(const struct cli *cli)
{
	struct agent_conf conf;
	struct policy policy;
	int code = agent_load_conf(cli, &conf);
	if (code == CLI_OK && (code = agent_use_fips(cli, &conf)) != CLI_OK)
		agent_conf_free(&conf);
	if (code != CLI_OK)
		return code;
	agent_make_policy(&policy, &conf);
	struct batch_export e = {.state_dir = conf.state_dir,
		.dir = cli->args[0],
		.site = conf.site,
		.software = "platen/" PLATEN_VERSION,
		.policy = &policy,
		.now_ms = cli_wall_ms()};
	code = export_to(cli, &e, &conf);
	agent_conf_free(&conf);
	return code;
}

/* ---- import-receipts ---- */

static int is_receipt(const struct dirent *entry)
{
	static const char end[] = ".receipt";
	size_t n = strlen(entry->d_name);
	return n > sizeof end - 1 && strcmp(entry->d_name + n - (sizeof end - 1), end) == 0;
}

struct receipts {
	struct writer w; /* on stdout */
	bool is_json;
	unsigned count[RECEIPT_OTHER_AGENT + 1];
	unsigned failed;
};

static void print_receipt(
	struct receipts *r, const char *name, int outcome, const struct receipt_import *i)
{
	static const char *const words[] = {[RECEIPT_SETTLED] = "settled",
		[RECEIPT_BEFORE] = "settled before",
		[RECEIPT_EARLY] = "waits: older records are pending, import their receipt first",
		[RECEIPT_OTHER_AGENT] = "of another agent or export"};
	const char *result = outcome >= 0        ? words[outcome]
			     : i->why[0] != '\0' ? i->why
						 : err_text(outcome);
	if (r->is_json) {
		jw_object(&r->w, NULL);
		jw_str(&r->w, "file", name);
		jw_bool(&r->w, "settled", outcome == RECEIPT_SETTLED);
		jw_str(&r->w, "result", result);
		jw_end(&r->w);
		return;
	}
	writer_shown(&r->w, text_of(name));
	writer_printf(&r->w, ": %s\n", result);
}

/* Others may write to the directory: a pipe there must not hold the program. */
static int read_receipt(struct buf *bytes, const char *path, char *why, size_t why_cap)
{
	int fd = file_open_regular(path, why, why_cap);
	if (fd < 0)
		return fd;
	int err = file_read(bytes, fd);
	(void)close(fd); /* only read from */
	return err;
}

static void import_one(
	struct receipts *r, struct receipt_import *i, const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct buf bytes;
	buf_open(&bytes, LIMIT_RECEIPT + LIMIT_SIGNATURE + 64);
	i->why[0] = '\0';
	int outcome = snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path
			      ? read_receipt(&bytes, path, i->why, sizeof i->why)
			      : -ENAMETOOLONG;
	if (outcome == 0)
		outcome = receipt_import(i, bytes.data, bytes.len);
	buf_close(&bytes);
	if (outcome < 0)
		r->failed++;
	else
		r->count[outcome]++;
	print_receipt(r, name, outcome, i);
}

static int import_all(const struct cli *cli, struct receipt_import *i, const char *dir)
{
	struct receipts r = {.is_json = cli_has(cli, "json")};
	struct dirent **names;
	int count = scandir(dir, &names, is_receipt, alphasort);
	if (count < 0)
		return cli_fail(cli, -errno, "%s: %s", dir, err_text(-errno));
	writer_open_file(&r.w, stdout);
	if (r.is_json) {
		jw_object(&r.w, NULL);
		jw_array(&r.w, "files");
	}
	/* By name: agent, epoch, then the numbers, oldest first. */
	for (int n = 0; n < count; n++) {
		import_one(&r, i, dir, names[n]->d_name);
		free(names[n]);
	}
	free(names);
	(void)!(r.is_json ? jw_close(&r.w) : writer_close(&r.w)); /* cli_finish checks stdout */
	if (count == 0)
		(void)fprintf(stderr, "%s: no file ends in .receipt\n", dir);
	int code = cli_finish(cli);
	return r.failed > 0 || r.count[RECEIPT_EARLY] > 0 ? CLI_FAILED : code;
}

static int run_receipts(const struct cli *cli)
{
	struct agent_conf conf;
	char why[LIMIT_WHY] = "";
	int code = agent_peek_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	struct receipt_import i = {.state_dir = conf.state_dir, .now_ms = cli_wall_ms()};
	char path[PATH_MAX];
	int err = snprintf(path, sizeof path, "%s/store.db", conf.state_dir) >= (int)sizeof path
			  ? -ENAMETOOLONG
		  : access(path, F_OK) < 0
			  ? -errno
			  : spool_open_offline(&i.spool, conf.state_dir, why, sizeof why);
	if (err < 0 && why[0] == '\0') {
		/* Opening would make a new agent. */
		code = cli_finish_state(cli, err, conf.state_dir, "",
			"no agent has run here yet: there is nothing to settle");
	} else if (err < 0) {
		code = cli_fail(cli, err, "%s%s", why,
			err == ERR_STORE_LOCKED ? ": stop it first; nothing was settled" : "");
	} else {
		code = import_all(cli, &i, cli->args[0]);
		spool_close_offline(i.spool);
	}
	agent_conf_free(&conf);
	return code;
}

const struct cli_verb agent_verb_export = {.name = "export",
	.args = "DIR",
	.arg_type = CLI_FOLDER,
	.min_args = 1,
	.max_args = 1,
	.summary = "write what waits for the hub as signed files",
	.details = "The same signed batches that a sync sends, as AGENT-EPOCH-FIRST-LAST.batch in "
		   "DIR, for an SFTP client or a medium; `platen-hub import` takes them in. Works "
		   "beside the daemon and without hub.url. Records stay pending until a receipt is "
		   "here, by the network or by `platen import-receipts`; the hub stores each once, "
		   "whichever way comes first.",
	.options = {conf_option_config, cli_option_json},
	.run = run_export};

const struct cli_verb agent_verb_import_receipts = {.name = "import-receipts",
	.args = "DIR",
	.arg_type = CLI_FOLDER,
	.min_args = 1,
	.max_args = 1,
	.summary = "remove what the hub has taken in from files",
	.details =
		"Reads each file of DIR that ends in .receipt, as `platen-hub import` wrote it: "
		"its signature must be by the hub's pinned key, or by one that `platen trust-hub` "
		"confirmed. Refused while a daemon runs.",
	.options = {conf_option_config, cli_option_json},
	.run = run_receipts};
