/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/ui/hint.h"

#include "proto/base/err.h"
#include "proto/smi/request.h"

#include <errno.h>

const char *hint_snmp(int err, uint8_t version)
{
	switch (err) {
	case ERR_SNMP_USER:
		return "the printer does not know this user: is it made there, and is its name "
		       "written the same, capitals included?";
	case ERR_SNMP_DIGEST:
		return "wrong authentication passphrase or protocol: check auth and "
		       "auth_password_file";
	case ERR_SNMP_CIPHER:
		return "wrong privacy passphrase or protocol: check priv and priv_password_file; "
		       "with AES-192 or AES-256 also the other way to make the key (aes256, "
		       "aes256c)";
	case ERR_SNMP_WINDOW:
		return "its SNMP clock does not keep: restart the printer; does another device "
		       "answer with its engineID, or from its address?";
	case ERR_SNMP_ENGINE:
		return "it has another engineID than before: a new main board, or another device "
		       "at this address?";
	case ERR_SNMP_LEVEL:
		return "the printer does not allow this user this security level: give auth and "
		       "priv as they are set there";
	case ERR_SNMP_CONTEXT:
		return "the printer does not know this context: leave context out, or give the "
		       "one that it has";
	case ERR_SNMP_TIMEOUT:
		return version == SNMP_V3
			       ? "is it on, is SNMPv3 enabled, and is the user made there? Some "
				 "printers are silent to a user that they do not know"
			       : "is it on, is SNMP enabled, and is the community right?";
	case ERR_SNMP_STATUS:
		return "the printer refuses to be read: does its access control let this community "
		       "or user in, from this machine?";
	case ERR_SNMP_SEND:
		return "the request could not be sent: is there a route to this address?";
	case -ECONNREFUSED:
		return "nothing listens on this port: is the address right, and the service on?";
	default:
		return "the response is not valid: is it an SNMP agent, on this port?";
	}
}
