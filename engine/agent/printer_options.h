/* SPDX-License-Identifier: Apache-2.0
 * The one printer that a verb reads: its address and its credential, from the options of the
 * command line or from the configuration. */
#ifndef PLATEN_AGENT_PRINTER_OPTIONS_H
#define PLATEN_AGENT_PRINTER_OPTIONS_H

#include "engine/agent/printer_url.h"
#include "engine/cli/cli.h"
#include "engine/conf/conf.h"
#include "engine/fleet/roster.h"
#include "engine/snmp/usm.h"

/* --port, --version, --community ... */
extern const struct cli_option agent_printer_options[];

struct printer_options {
	const struct cli *cli;
	struct printer_url url;
	uint16_t port;              /* UDP */
	char name[LIMIT_HOST + 10]; /* HOST, or HOST:PORT if it is not the usual one: for hints */
	uint8_t version;            /* enum snmp_version */
	const char *community;
	const struct conf_credential *credential; /* NULL: version and community */
	const struct agent_conf *conf;            /* its access rules hold; NULL: none do */
	uint64_t timeout_ms;
	unsigned tries;
	bool is_chosen; /* version, community or credential were given, not left to the verb */

	/* The objects that the pointers above lead to. */
	struct secret community_bytes;
	struct conf_credential own;
	struct agent_conf own_conf;
};

/* Reads the options. CLI_OK, or an exit code after a message. Closed either way. */
int printer_options_open(struct printer_options *o, const struct cli *cli) MUST_USE;
void printer_options_close(struct printer_options *o); /* wipes the secrets */

/* --community or --community-file into `s`, which stays empty if neither was given. CLI_OK, or an
 * exit code after a message. */
int printer_read_community(const struct cli *cli, struct secret *s) MUST_USE;

/* The address, by a blocking look-up, and the credential; the port, if none was given, and the
 * exceptions of its target in o->conf. ERR_NAME, or ERR_FORBIDDEN where the
 * access rules of o->conf deny it, after one line on stderr. */
int printer_find(struct printer_options *o, struct conf_device *ret) MUST_USE;

/* A client for one request at a time, with the deadline and the tries of the options. */
int printer_client_open(
	struct snmp_client **ret, struct loop *l, const struct printer_options *o) MUST_USE;

/* The state of one SNMPv3 conversation where there is no roster. Zeroed before. */
struct printer_session {
	struct usm_user user;
	struct usm_peer usm;
	bool is_open;
};

/* Sets the credential of `peer`, whose keys are derived here, on this thread; NULL:
 * by the version and community that the peer has. An error after one line on stderr. */
int printer_session_open(struct printer_session *s, struct snmp_peer *peer,
	const struct conf_credential *credential) MUST_USE;
void printer_session_close(struct printer_session *s); /* idempotent */

#endif
