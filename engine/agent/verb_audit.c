/* SPDX-License-Identifier: Apache-2.0
 * platen audit show, verify, export. */
#include "engine/agent/verbs.h"
#include "engine/ui/audit_verb.h"
#include "proto/base/buf.h"

#include <limits.h>

enum { ID_DIGITS = 32 };

/* The agent's identity, as the hub's ledger names it; "" if it is not known here. */
static void read_agent_id(char id[ID_DIGITS + 2], const char *dir)
{
	char path[PATH_MAX];
	uint8_t bytes[ID_DIGITS + 2];
	struct buf b;
	buf_over(&b, bytes, sizeof bytes);
	id[0] = '\0';
	if (snprintf(path, sizeof path, "%s/agent.id", dir) >= (int)sizeof path ||
		agent_read_file(&b, path) < 0 || b.len < ID_DIGITS)
		return;
	(void)snprintf(id, ID_DIGITS + 1, "%.*s", ID_DIGITS, (const char *)bytes);
}

static int show(const struct cli *cli)
{
	return agent_in_state_dir(cli, audit_show);
}

static int verify_with_id(const struct cli *cli, const char *dir)
{
	char id[ID_DIGITS + 2];
	read_agent_id(id, dir);
	return audit_verify(cli, dir, id);
}

static int verify(const struct cli *cli)
{
	return agent_in_state_dir(cli, verify_with_id);
}

static int export(const struct cli *cli)
{
	return agent_in_state_dir(cli, audit_export);
}

const struct cli_verb agent_verb_audit_show = {.name = "audit show",
	.summary = "what the agent sent, changed and was asked to do",
	.details = audit_show_details,
	.options = {conf_option_config, audit_show_options, cli_option_json},
	.run = show};

const struct cli_verb agent_verb_audit_verify = {.name = "audit verify",
	.args = "[FILE]",
	.arg_type = CLI_FILE,
	.max_args = 1,
	.summary = "check that no line of the audit was cut, changed or removed",
	.details = audit_verify_details,
	.options = {conf_option_config, audit_verify_options, cli_option_json},
	.run = verify};

const struct cli_verb agent_verb_audit_export = {.name = "audit export",
	.summary = "print the audit as it lies on disk",
	.details = audit_export_details,
	.options = {conf_option_config},
	.run = export};
