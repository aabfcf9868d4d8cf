/* SPDX-License-Identifier: Apache-2.0
 * The verbs of platen. Each returns an exit code of cli.h. */
#ifndef PLATEN_AGENT_VERBS_H
#define PLATEN_AGENT_VERBS_H

#include "engine/cli/cli.h"

/* clang-format off */
#define AGENT_OPTION_MODELS {"models", 'm', "FOLDER", "model files, beside those that are built in"}
/* clang-format on */

int agent_verb_run(const struct cli *cli);
int agent_verb_once(const struct cli *cli);
int agent_verb_poll(const struct cli *cli);
int agent_verb_read(const struct cli *cli);
int agent_verb_record(const struct cli *cli);
int agent_verb_snmp_test(const struct cli *cli);
int agent_verb_discover(const struct cli *cli);
int agent_verb_devices(const struct cli *cli);
int agent_verb_status(const struct cli *cli);
int agent_verb_report(const struct cli *cli);
int agent_verb_models(const struct cli *cli);
int agent_verb_decode(const struct cli *cli);
int agent_verb_check_config(const struct cli *cli);

extern const struct cli_option agent_run_options[];
extern const struct cli_option agent_once_options[];
extern const struct cli_option agent_poll_options[];
extern const struct cli_option agent_read_options[];
extern const struct cli_option agent_record_options[];
extern const struct cli_option agent_snmp_test_options[];
extern const struct cli_option agent_discover_options[];
extern const struct cli_option agent_devices_options[];
extern const struct cli_option agent_report_options[];
extern const struct cli_option agent_models_options[];
extern const struct cli_option agent_decode_options[];

/* For verbs that ask printers: what fips: on wants of OpenSSL, before the first of its algorithms
 * is used. CLI_OK, or CLI_FAILED after a message. */
int agent_use_fips(const struct cli *cli, const struct agent_conf *conf);

/* Reads --config into `conf`, which the caller frees if the result is CLI_OK, with what options of
 * the verb say otherwise (--models), and sets the log's level; else the mistakes were printed, and
 * the result is the exit code. */
int agent_load_conf(const struct cli *cli, struct agent_conf *conf);

/* The same for verbs that only look at the state directory (agent_conf_peek). */
int agent_peek_conf(const struct cli *cli, struct agent_conf *conf);

#endif
