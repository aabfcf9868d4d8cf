/* SPDX-License-Identifier: Apache-2.0
 * The verbs `audit show`, `audit verify` and `audit export` of both programs, and the entries that
 * other verbs make. */
#ifndef PLATEN_UI_AUDIT_VERB_H
#define PLATEN_UI_AUDIT_VERB_H

#include "engine/cli/cli.h"
#include "engine/store/audit.h"

extern const struct cli_option audit_show_options[], audit_verify_options[];
extern const char audit_show_details[], audit_verify_details[], audit_export_details[];

/* Of the ledger in the state directory `dir`; the exit code, after a message if anything failed.
 * `agent`: the identity by which the peer's ledger names this program; NULL: any. */
int audit_show(const struct cli *cli, const char *dir);
int audit_verify(const struct cli *cli, const char *dir, const char *agent);
int audit_export(const struct cli *cli, const char *dir);

/* The entry of an action that a verb has done, or that has failed with `err`. An audit that cannot
 * be written does not undo it: a message on stderr, unless the directory is gone. */
void audit_note_action(
	const struct cli *cli, const char *dir, enum audit_kind kind, int err, const char *what);

/* Defines PROGRAM_verb_audit_show, _verify and _export. IN_STATE_DIR calls a function with the
 * state directory of the configuration; VERIFY is audit_verify with the identity of this program.
 */
/* clang-format off */
#define AUDIT_VERBS(program, in_state_dir, verify, show_summary)                                   \
	static int run_audit_show(const struct cli *cli)                                           \
	{                                                                                          \
		return in_state_dir(cli, audit_show);                                              \
	}                                                                                          \
	static int run_audit_verify(const struct cli *cli)                                         \
	{                                                                                          \
		return in_state_dir(cli, verify);                                                  \
	}                                                                                          \
	static int run_audit_export(const struct cli *cli)                                         \
	{                                                                                          \
		return in_state_dir(cli, audit_export);                                            \
	}                                                                                          \
	const struct cli_verb program##_verb_audit_show = {.name = "audit show",                   \
		.summary = (show_summary),                                                         \
		.details = audit_show_details,                                                     \
		.options = {conf_option_config, audit_show_options, cli_option_json},              \
		.run = run_audit_show};                                                            \
	const struct cli_verb program##_verb_audit_verify = {.name = "audit verify",               \
		.args = "[FILE]",                                                                  \
		.arg_type = CLI_FILE,                                                              \
		.max_args = 1,                                                                     \
		.summary = "check that no line of the audit was cut, changed or removed",          \
		.details = audit_verify_details,                                                   \
		.options = {conf_option_config, audit_verify_options, cli_option_json},            \
		.run = run_audit_verify};                                                          \
	const struct cli_verb program##_verb_audit_export = {.name = "audit export",               \
		.summary = "print the audit as it lies on disk",                                   \
		.details = audit_export_details,                                                   \
		.options = {conf_option_config},                                                   \
		.run = run_audit_export}
/* clang-format on */

#endif
