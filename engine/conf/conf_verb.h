/* SPDX-License-Identifier: Apache-2.0
 * Use of the configuration by the verbs of every program. */
#ifndef PLATEN_CONF_CONF_VERB_H
#define PLATEN_CONF_CONF_VERB_H

#include "engine/cli/cli.h"
#include "engine/conf/table.h"

extern const struct cli_option conf_option_config[]; /* -c, --config */
extern const struct cli_verb conf_verb_sample_config;

/* --config, or the program's usual file. */
const char *conf_file_of(const struct cli *cli);

/* The messages on stderr; returns CLI_CONFIG. */
int conf_refused(const struct cli *cli, const struct conf_error *why);

/* A warning on stderr if the certificate that expires at `at_ms` (Unix; 0: there is none) has 30
 * days left or less; `after` says what an expired one leads to. */
void conf_warn_of_expiry(
	const struct cli *cli, const char *cert_file, uint64_t at_ms, const char *after);

/* A number that check-config --json shows. */
struct conf_fact {
	const char *name;
	uint64_t value;
};

/* The result of check-config: good if `why` has no text. `facts` ends with a NULL name, or is NULL;
 * `note` follows "FILE: ok". Returns CLI_OK, CLI_CONFIG or CLI_FAILED. */
int conf_checked(const struct cli *cli, const struct conf_error *why, const struct conf_fact *facts,
	const char *note);

#endif
