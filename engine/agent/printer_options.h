/* SPDX-License-Identifier: Apache-2.0
 * What the verbs that ask one printer take: its port, and how it is asked, by the options
 * themselves or by a credential of the configuration. */
#ifndef PLATEN_AGENT_PRINTER_OPTIONS_H
#define PLATEN_AGENT_PRINTER_OPTIONS_H

#include "engine/agent/agent.h"
#include "engine/cli/cli.h"
#include "engine/conf/conf.h"

/* clang-format off */
#define AGENT_PRINTER_OPTIONS                                                                      \
	{"port", 'p', "PORT", "the printer's UDP port (161)"},                                     \
	{"version", 'v', "V", "SNMP version: 1, 2c or 3 (2c; 3 with --user)"},                     \
	{"v3", '3', NULL, "the same as --version 3"},                                              \
	{"community", 'c', "NAME",                                                                 \
		"the community (public); other users of this machine can see it, so a "            \
		"secret one belongs in a file"},                                                   \
	{"community-file", 0, "FILE", "a private file with the community"},                        \
	{"user", 'u', "NAME", "the SNMPv3 user"},                                                  \
	{"auth", 0, "WORD", "none md5 sha1 sha224 sha256 sha384 sha512 (none)"},                   \
	{"auth-password-file", 0, "FILE", "its authentication passphrase, private"},    \
	{"priv", 0, "WORD", "none des aes128 aes192 aes256 aes192c aes256c (none)"},               \
	{"priv-password-file", 0, "FILE", "its privacy passphrase, private"},           \
	{"context", 0, "NAME", "the SNMPv3 contextName"},                                          \
	{"credential", 0, "NAME", "an entry of snmp.credentials, instead of all that"},            \
	{"config", 0, "FILE", "where that entry is, instead of the usual file"},                   \
	{"timeout", 't', "TIME", "how long one question may take, with its resends (5s)"},         \
	{"tries", 'r', "N", "how often one question is sent (5)"}
/* clang-format on */

struct cli_printer {
	struct agent_poll_options options;
	struct secret community;
	struct conf_credential own; /* by options */
	struct agent_conf conf;     /* with --config or --credential */
	bool has_conf;
};

/* CLI_OK, or an exit code after a message. cli_printer_close either way. */
int cli_printer_take(const struct cli *cli, struct cli_printer *p);
void cli_printer_close(struct cli_printer *p); /* wipes */

#endif
