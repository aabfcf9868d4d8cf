/* SPDX-License-Identifier: Apache-2.0
 * platen, the device agent. */
#include "engine/agent/verbs.h"
#include "engine/loop/crypto.h"

#include <stdio.h>

static const struct cli_verb *const verbs[] = {&agent_verb_poll, &agent_verb_snmp_test,
	&agent_verb_record, &agent_verb_discover, &agent_verb_read, &agent_verb_models,
	&agent_verb_run, &agent_verb_once, &agent_verb_sync_now, &agent_verb_status,
	&agent_verb_check, &agent_verb_devices, &agent_verb_report, &agent_verb_decode,
	&agent_verb_preview, &agent_verb_check_config, &agent_verb_trust_hub, &agent_verb_export,
	&agent_verb_import_receipts, &agent_verb_audit_show, &agent_verb_audit_verify,
	&agent_verb_audit_export, &agent_verb_check_net, &agent_verb_doctor, &agent_verb_purge,
	&agent_verb_reset_identity, &agent_verb_init, &conf_verb_sample_config,
	&cli_verb_completion, &cli_verb_help, &cli_verb_version, NULL};

static const struct cli_program program = {.name = "platen",
	.summary = "reads a fleet of network printers and sends the readings to a hub",
	.verbs = verbs,
	.conf = &conf_agent_table};

int main(int argc, char **argv)
{
	if (!crypto_is_ready()) {
		(void)fputs("platen: no memory\n", stderr);
		return CLI_FAILED;
	}
	return cli_main(&program, argc, argv);
}
