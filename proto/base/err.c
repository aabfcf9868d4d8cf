/* SPDX-License-Identifier: Apache-2.0
 * Names of errors, and which of them pass with time: one table. */
#include "proto/base/err.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct err_row {
	int err;
	bool passes;
	const char *text;
};

static const struct err_row rows[] = {
	{ERR_FULL, true, "full"},
	{ERR_STOPPED, false, "stopped"},
	{ERR_TIMEOUT, true, "timeout"},
	{ERR_BUSY, true, "busy"},
	{ERR_SHORT, false, "truncated"},
	{ERR_FORMAT, false, "malformed"},
	{ERR_LIMIT, false, "over-limit"},
	{ERR_TYPE, false, "wrong-type"},
	{ERR_RANGE, false, "out-of-range"},
	{ERR_VERSION, false, "unknown-version"},
	{ERR_SNMP_TIMEOUT, true, "snmp-timeout"},
	{ERR_SNMP_STATUS, false, "snmp-error-status"},
	{ERR_SNMP_BAD, true, "snmp-bad-answer"},
	{ERR_SNMP_SEND, true, "snmp-send-failed"},
	{ERR_SNMP_LOOP, false, "snmp-walk-not-increasing"},
	{ERR_SNMP_USER, true, "snmp-unknown-user"},
	{ERR_SNMP_DIGEST, true, "snmp-wrong-digest"},
	{ERR_SNMP_CIPHER, true, "snmp-wrong-privacy"},
	{ERR_SNMP_WINDOW, true, "snmp-not-in-time-window"},
	{ERR_SNMP_ENGINE, true, "snmp-other-engine"},
	{ERR_SNMP_LEVEL, true, "snmp-unsupported-security-level"},
	{ERR_SNMP_CONTEXT, true, "snmp-unknown-context"},
	{ERR_NAME, true, "name-not-found"},
	{ERR_TLS, true, "tls-handshake-failed"},
	{ERR_TLS_UNTRUSTED, false, "tls-certificate-untrusted"},
	{ERR_TLS_NAME, false, "tls-certificate-for-another-name"},
	{ERR_TLS_EXPIRED, false, "tls-certificate-expired-or-not-yet-valid"},
	{ERR_TLS_VERSION, false, "tls-version-too-old"},
	{ERR_TLS_REVOKED, false, "tls-certificate-revoked"},
	{ERR_CLOSED, true, "closed-by-peer"},
	{ERR_TLS_PIN, false, "tls-key-not-pinned"},
	{ERR_PROXY, true, "proxy-refused"},
	{ERR_PROXY_LOGIN, false, "proxy-login-refused"},
	{ERR_HTTP, true, "http-malformed"},
	{ERR_HTTP_STATUS, true, "http-unexpected-status"},
	{ERR_AUTH, false, "authentication-refused"},
	{ERR_FORBIDDEN, false, "forbidden"},
	{ERR_CONFLICT, false, "conflict"},
	{ERR_UNAVAILABLE, true, "unavailable"},
	{ERR_REDIRECT, false, "redirected"},
	{ERR_SIGNATURE, false, "bad-signature"},
	{ERR_KEY, false, "bad-key"},
	{ERR_CRYPTO, false, "crypto-refused"},
	{ERR_STORE, true, "store-failed"},
	{ERR_STORE_CORRUPT, false, "store-record-damaged"},
	{ERR_STORE_LOCKED, true, "store-locked"},
	{ERR_STORE_VERSION, false, "store-made-by-newer-version"},
	{ERR_CONF, false, "configuration-wrong"},
	{ERR_USAGE, false, "usage"},
	{-ETIMEDOUT, true, NULL},
	{-ECONNREFUSED, true, NULL},
	{-ECONNRESET, true, NULL},
	{-ECONNABORTED, true, NULL},
	{-EPIPE, true, NULL},
	{-EHOSTUNREACH, true, NULL},
	{-ENETUNREACH, true, NULL},
	{-ENETDOWN, true, NULL},
	{-EAGAIN, true, NULL},
	{-EINTR, true, NULL},
	{-EBUSY, true, NULL},
	{-ENOSPC, true, NULL},
	{-ENOMEM, true, NULL},
	{-ENOBUFS, true, NULL},
	{-EMFILE, true, NULL},
	{-ENFILE, true, NULL},
};

static const struct err_row *find(int err)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].err == err)
			return &rows[i];
	}
	return NULL;
}

const char *err_text(int err)
{
	if (err >= 0)
		return "ok";
	const struct err_row *row = find(err);
	if (row != NULL && row->text != NULL)
		return row->text;
	if (err > -4096) {
		const char *text = strerrordesc_np(-err);
		if (text != NULL)
			return text;
	}
	return "unknown-error";
}

bool err_passes(int err)
{
	const struct err_row *row = find(err);
	return row != NULL && row->passes;
}
