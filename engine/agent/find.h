/* SPDX-License-Identifier: Apache-2.0
 * The one printer that a verb names: its address, by a blocking look-up, and how it is asked. */
#ifndef PLATEN_AGENT_FIND_H
#define PLATEN_AGENT_FIND_H

#include "engine/agent/agent.h"
#include "engine/conf/conf.h"
#include "engine/fleet/roster.h"
#include "engine/snmp/usm.h"

/* ERR_NAME, or ERR_FORBIDDEN if o->conf does not let it be asked, after one line on stderr; else 0.
 * The community stays the options'. */
int agent_find(const struct agent_poll_options *o, struct conf_device *ret) MUST_USE;

/* One SNMPv3 conversation's state, where there is no roster. Zeroed before. */
struct agent_who {
	struct usm_user user;
	struct usm_peer usm;
	bool is_open;
};

/* Sets how `peer` is asked: by the credential, whose keys are made here, on this thread; or, if it
 * is NULL, by the version and community that the peer has. An error after one line on stderr. */
int agent_who_open(struct agent_who *w, struct snmp_peer *peer,
	const struct conf_credential *credential) MUST_USE;
void agent_who_close(struct agent_who *w); /* idempotent */

#endif
