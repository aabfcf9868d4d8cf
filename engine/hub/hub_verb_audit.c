/* SPDX-License-Identifier: Apache-2.0
 * platen-hub audit show, verify, export. */
#include "engine/hub/hub_verbs.h"
#include "engine/ui/audit_verb.h"

static int run(const struct cli *cli, int (*verb)(const struct cli *cli, const char *dir))
{
	struct hub_conf conf;
	int code = hub_load_conf(cli, &conf);
	if (code != CLI_OK)
		return code;
	code = verb(cli, conf.state_dir);
	hub_conf_free(&conf);
	return code;
}

static int show(const struct cli *cli)
{
	return run(cli, audit_show);
}

static int verify_any(const struct cli *cli, const char *dir)
{
	return audit_verify(cli, dir, NULL);
}

static int verify(const struct cli *cli)
{
	return run(cli, verify_any);
}

static int export(const struct cli *cli)
{
	return run(cli, audit_export);
}

const struct cli_verb hub_verb_audit_show = {.name = "audit show",
	.summary = "what the hub received, refused, changed and was asked to do",
	.details = audit_show_details,
	.options = {conf_option_config, audit_show_options, cli_option_json},
	.run = show};

const struct cli_verb hub_verb_audit_verify = {.name = "audit verify",
	.args = "[FILE]",
	.arg_type = CLI_FILE,
	.max_args = 1,
	.summary = "check that no line of the audit was cut, changed or removed",
	.details = audit_verify_details,
	.options = {conf_option_config, audit_verify_options, cli_option_json},
	.run = verify};

const struct cli_verb hub_verb_audit_export = {.name = "audit export",
	.summary = "print the audit as it lies on disk",
	.details = audit_export_details,
	.options = {conf_option_config},
	.run = export};
