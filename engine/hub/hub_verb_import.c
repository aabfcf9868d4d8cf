/* SPDX-License-Identifier: Apache-2.0
 * platen-hub import: batches that agents have exported to files. */
#include "engine/hub/batch_import.h"
#include "engine/hub/hub_verbs.h"
#include "engine/hub/owner.h"
#include "proto/text/escape.h"
#include "proto/text/json_writer.h"

struct import_report {
	struct writer w; /* on stdout */
	bool is_json;
};

static void print_file(void *owner, const struct batch_import_file *f)
{
	struct import_report *r = owner;
	const struct batch_result *b = &f->result;
	bool is_accepted = f->err == 0 && b->status == 200;
	const char *why = f->err < 0 ? f->why : b->what;
	const char *result = f->err < 0    ? err_text(f->err)
			     : is_accepted ? "ok"
			     : b->err != 0 ? err_text(b->err)
					   : "refused";
	bool has_why = why != NULL && why[0] != '\0';
	if (r->is_json) {
		jw_object(&r->w, NULL);
		jw_str(&r->w, "file", f->name);
		jw_str(&r->w, "result", result);
		jw_str(&r->w, "why", is_accepted || why == NULL ? "" : why);
		jw_uint(&r->w, "stored", b->stored);
		jw_uint(&r->w, "duplicates", b->duplicates);
		jw_uint(&r->w, "rejected", b->rejected);
		jw_end(&r->w);
		return;
	}
	writer_shown(&r->w, text_of(f->name));
	if (is_accepted)
		writer_printf(&r->w, ": %u stored, %u duplicates, %u rejected\n", b->stored,
			b->duplicates, b->rejected);
	else
		writer_printf(&r->w, ": %s%s%s\n", result, has_why ? ": " : "", has_why ? why : "");
}

static int import_as_owner(const struct cli *cli, struct batch_import *b)
{
	struct import_report r = {.is_json = cli_has(cli, "json")};
	writer_open_file(&r.w, stdout);
	if (r.is_json) {
		jw_object(&r.w, NULL);
		jw_array(&r.w, "files");
	}
	b->each = print_file;
	b->owner = &r;
	int err = batch_import(b);
	(void)!(r.is_json ? jw_close(&r.w) : writer_close(&r.w)); /* cli_finish checks stdout */
	if (err == ERR_STORE_LOCKED)
		return cli_fail(cli, err, "%s: stop the hub first; nothing was imported", b->why);
	if (err < 0)
		return cli_fail(cli, err, "%s", b->why);
	if (b->files == 0)
		(void)fprintf(stderr, "%s: no file ends in .batch\n", b->dir);
	int code = cli_finish(cli);
	return b->failed > 0 ? CLI_FAILED : code;
}

static int run(const struct cli *cli)
{
	struct hub_conf conf;
	char why[LIMIT_WHY] = "";
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	struct batch_import b = {.conf = &conf,
		.dir = cli->args[0],
		.software = "platen-hub/" PLATEN_VERSION,
		.now_ms = cli_wall_ms()};
	int err = hub_act_as_owner(conf.state_dir, why, sizeof why);
	if (err < 0) {
		code = cli_fail(cli, err, "%s", why);
	} else {
		code = import_as_owner(cli, &b);
		hub_act_as_root();
	}
	hub_conf_free(&conf);
	return code;
}

const struct cli_verb hub_verb_import = {.name = "import",
	.args = "DIR",
	.arg_type = CLI_FOLDER,
	.min_args = 1,
	.max_args = 1,
	.summary = "take in batches that agents have exported to files",
	.details =
		"Each file that ends in .batch is checked as an upload is: signature, pinned key "
		"of the agent, numbers. What is in the archive already, by whichever way, is a "
		"duplicate and stored once. The signed receipt is written beside it, with "
		".receipt behind its name, for `platen import-receipts`. Refused while the hub "
		"runs; root works as the owner of the state directory.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
