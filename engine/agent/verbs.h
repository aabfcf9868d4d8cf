/* SPDX-License-Identifier: Apache-2.0
 * The verbs of platen, one file each, and what they share. */
#ifndef PLATEN_AGENT_VERBS_H
#define PLATEN_AGENT_VERBS_H

#include "engine/cli/cli.h"
#include "engine/conf/conf.h"
#include "engine/conf/conf_verb.h"

extern const struct cli_verb agent_verb_poll, agent_verb_snmp_test, agent_verb_record,
	agent_verb_discover, agent_verb_read, agent_verb_models, agent_verb_run, agent_verb_once,
	agent_verb_check_net, agent_verb_doctor, agent_verb_init, agent_verb_purge,
	agent_verb_reset_identity, agent_verb_sync_now, agent_verb_check, agent_verb_status,
	agent_verb_devices, agent_verb_report, agent_verb_decode, agent_verb_preview,
	agent_verb_check_config;

extern const struct cli_verb agent_verb_audit_show, agent_verb_audit_verify,
	agent_verb_audit_export, agent_verb_trust_hub, agent_verb_export,
	agent_verb_import_receipts;

extern const struct cli_option agent_option_models[];   /* -m, --models */
extern const struct cli_option agent_option_ready_fd[]; /* --ready-fd */

/* Loads the FIPS provider of OpenSSL for fips: on, before the first use of its algorithms. CLI_OK,
 * or CLI_FAILED after a message. */
int agent_use_fips(const struct cli *cli, const struct agent_conf *conf);

/* Reads --config into `conf`, with --models in place of devices.models, and sets the log's level;
 * the caller frees `conf`. Else the exit code, after the messages. */
int agent_load_conf(const struct cli *cli, struct agent_conf *conf);

/* The same for verbs that only need the state directory (agent_conf_peek). */
int agent_peek_conf(const struct cli *cli, struct agent_conf *conf);
/* Calls `verb` with the state directory of the configuration. Its exit code, or that of a
 * configuration that cannot be read, after the messages. */
int agent_in_state_dir(const struct cli *cli, int (*verb)(const struct cli *cli, const char *dir));

/* A new file for its owner only, as it tells of a customer's printers. 0, or -errno after a
 * message. */
int agent_new_file(const struct cli *cli, const char *path, FILE **ret) MUST_USE;

/* All of a file. 0, -errno or ERR_LIMIT. */
int agent_read_file(struct buf *dst, const char *path) MUST_USE;

#endif
