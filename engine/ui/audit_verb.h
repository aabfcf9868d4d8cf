/* SPDX-License-Identifier: Apache-2.0
 * The verbs `audit show`, `audit verify` and `audit export` of both programs: each has a struct
 * cli_verb of its own, which loads the configuration and calls these. */
#ifndef PLATEN_UI_AUDIT_VERB_H
#define PLATEN_UI_AUDIT_VERB_H

#include "engine/cli/cli.h"

extern const struct cli_option audit_show_options[], audit_verify_options[];
extern const char audit_show_details[], audit_verify_details[], audit_export_details[];

/* Of the ledger in the state directory `dir`; the exit code, after a message if anything failed.
 * `agent`: the identity by which the peer's ledger names this program; NULL: any. */
int audit_show(const struct cli *cli, const char *dir);
int audit_verify(const struct cli *cli, const char *dir, const char *agent);
int audit_export(const struct cli *cli, const char *dir);

#endif
