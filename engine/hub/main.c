/* SPDX-License-Identifier: Apache-2.0
 * platen-hub, the communication server. */
#include "engine/hub/hub_verbs.h"
#include "engine/loop/crypto.h"

#include <stdio.h>

static const struct cli_verb *const verbs[] = {&hub_verb_run, &hub_verb_user_add, &hub_verb_devices,
	&hub_verb_device, &hub_verb_events, &hub_verb_supplies, &hub_verb_report, &hub_verb_sites,
	&hub_verb_agents, &hub_verb_key_show, &hub_verb_key_rotate, &hub_verb_import,
	&hub_verb_audit_show, &hub_verb_audit_verify, &hub_verb_audit_export,
	&hub_verb_check_config, &conf_verb_sample_config, &cli_verb_completion, &cli_verb_help,
	&cli_verb_version, NULL};

static const struct cli_program program = {.name = "platen-hub",
	.summary = "the communication server: receives, keeps and reports what agents read",
	.verbs = verbs,
	.conf = &conf_hub_table};

int main(int argc, char **argv)
{
	if (!crypto_is_ready()) {
		(void)fputs("platen-hub: no memory\n", stderr);
		return CLI_FAILED;
	}
	return cli_main(&program, argc, argv);
}
