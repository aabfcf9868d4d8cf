/* SPDX-License-Identifier: Apache-2.0
 * Errors of the whole program, as ints: 0 or a count is success, negative is an error.
 * -1 .. -4095 is -errno and passes through unchanged; ours lie below -10000, in ranges by origin.
 * Errors are not logged here: the function that handles one logs it, once, with err_text(). */
#ifndef PLATEN_BASE_ERR_H
#define PLATEN_BASE_ERR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

enum err {
	/* anywhere */
	ERR_FULL = -10001,    /* a bounded thing is at its maximum (limits.h) */
	ERR_STOPPED = -10002, /* stopped by its owner */
	ERR_TIMEOUT = -10003, /* a deadline passed */
	ERR_BUSY = -10004,    /* only one at a time, and one is running */
	/* bytes from outside */
	ERR_SHORT = -10101,   /* the bytes end before the value does */
	ERR_FORMAT = -10102,  /* the bytes are not what the format allows */
	ERR_LIMIT = -10103,   /* well formed, but over a limit of limits.h */
	ERR_TYPE = -10104,    /* a value of another type than asked for */
	ERR_RANGE = -10105,   /* a number outside its range */
	ERR_VERSION = -10106, /* an unsupported version */
	/* SNMP */
	ERR_SNMP_TIMEOUT = -11001, /* no response within the deadline, retransmissions included */
	ERR_SNMP_STATUS = -11002,  /* the response has an error-status */
	ERR_SNMP_BAD = -11003,     /* a response that does not match its request */
	ERR_SNMP_SEND = -11004,    /* the request could not be sent */
	ERR_SNMP_LOOP = -11005,    /* a walk that does not increase */
	/* SNMPv3: no response came; these are the reasons of the printer's Report */
	ERR_SNMP_USER = -11101,    /* unknown user name */
	ERR_SNMP_DIGEST = -11102,  /* wrong authentication passphrase or protocol */
	ERR_SNMP_CIPHER = -11103,  /* wrong privacy passphrase or protocol */
	ERR_SNMP_WINDOW = -11104,  /* not in time window */
	ERR_SNMP_ENGINE = -11105,  /* another engineID than the pinned one */
	ERR_SNMP_LEVEL = -11106,   /* unsupported security level */
	ERR_SNMP_CONTEXT = -11107, /* unknown context */
	/* TCP, TLS, HTTP */
	ERR_NAME = -12001, /* the name does not resolve */
	ERR_TLS = -12002,  /* the TLS handshake failed for another reason than the next ones */
	ERR_TLS_UNTRUSTED = -12003, /* no chain from the peer's certificate to a CA we trust */
	ERR_TLS_NAME = -12004,      /* the certificate is for another name */
	ERR_TLS_EXPIRED = -12005,   /* the certificate is expired or not valid yet */
	ERR_TLS_VERSION = -12006,   /* the peer offers only TLS versions below 1.2 */
	ERR_TLS_REVOKED = -12007,   /* the certificate is revoked */
	ERR_CLOSED = -12008,        /* the peer closed the connection within a message */
	ERR_TLS_PIN = -12009,       /* no key of the certificate's chain is a pinned one */
	ERR_PROXY = -12010,         /* the proxy makes no connection */
	ERR_PROXY_LOGIN = -12011,   /* the proxy refused user or password */
	ERR_HTTP = -12101,          /* not valid HTTP/1.1 */
	ERR_HTTP_STATUS = -12102,   /* an unexpected status */
	ERR_AUTH = -12103,          /* user or password refused */
	ERR_FORBIDDEN = -12104,     /* known, but not allowed */
	ERR_CONFLICT = -12105,      /* the same sequence number with other content */
	ERR_UNAVAILABLE = -12106,   /* the server is overloaded: retry later */
	ERR_REDIRECT = -12107,      /* a redirect, which is never followed */
	/* signatures */
	ERR_SIGNATURE = -12201, /* a signature does not verify */
	ERR_KEY = -12202,       /* a key is missing, unreadable or not the pinned one */
	ERR_CRYPTO = -12203,    /* the cryptographic library refused */
	/* store */
	ERR_STORE = -13001,         /* the database refused */
	ERR_STORE_CORRUPT = -13002, /* a wrong checksum */
	ERR_STORE_LOCKED = -13003,  /* another process holds the store */
	ERR_STORE_VERSION = -13004, /* made by a newer program */
	/* configuration */
	ERR_CONF = -14001, /* the configuration is wrong: why says file:line:column */
	ERR_USAGE = -14002 /* the command line is wrong */
};

/* A Report of SNMPv3 was the response: ERR_SNMP_USER .. ERR_SNMP_CONTEXT. */
static inline bool err_is_snmp_refusal(int err)
{
	return err <= ERR_SNMP_USER && err >= ERR_SNMP_CONTEXT;
}

/* A short name for any error, e.g. "snmp-timeout" or "connection refused". Never NULL. */
const char *err_text(int err);

/* Whether waiting and trying again may help (a timeout, a refused connection, a full queue). */
bool err_passes(int err);

#endif
