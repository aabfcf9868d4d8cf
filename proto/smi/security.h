/* SPDX-License-Identifier: Apache-2.0
 * The algorithms, limits and error reports of SNMPv3's User-based Security Model (RFC 3414). */
#ifndef PLATEN_SMI_SECURITY_H
#define PLATEN_SMI_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Authentication: RFC 3414 (MD5, SHA-1), RFC 7860 (SHA-2). */
enum usm_auth {
	USM_AUTH_NONE,
	USM_AUTH_MD5,
	USM_AUTH_SHA1,
	USM_AUTH_SHA224,
	USM_AUTH_SHA256,
	USM_AUTH_SHA384,
	USM_AUTH_SHA512,
	USM_AUTH_COUNT
};

/* Privacy: RFC 3414 (DES), RFC 3826 (AES-128); AES-192 and AES-256 exist in two ways that differ in
 * how a key is made long enough: draft-blumenthal-aes-usm-04, and draft-reeder-snmpv3-usm-3desede
 * as Cisco applied it. */
enum usm_priv {
	USM_PRIV_NONE,
	USM_PRIV_DES,
	USM_PRIV_AES128,
	USM_PRIV_AES192,
	USM_PRIV_AES256,
	USM_PRIV_AES192_CISCO,
	USM_PRIV_AES256_CISCO,
	USM_PRIV_COUNT
};

/* "md5", "sha1", "sha224" ...; "des", "aes128", "aes192", "aes256", "aes192c", "aes256c"; "none".
 */
extern const char *const usm_auth_names[USM_AUTH_COUNT];
extern const char *const usm_priv_names[USM_PRIV_COUNT];

/* Bytes of msgAuthenticationParameters: 12, 12, 16, 24, 32, 48; 0 for none. */
size_t usm_auth_bytes(enum usm_auth auth);

/* Approved by FIPS 140: SHA-1 and SHA-2 HMACs, AES. NONE is not approved. */
bool usm_auth_is_approved(enum usm_auth auth);
bool usm_priv_is_approved(enum usm_priv priv);

/* The error of a Report, or of our own check of a response: usmStats* of RFC 3414 section 5, and
 * the two of RFC 3413 and 3412 that a printer may send as well. */
enum usm_trouble {
	USM_TROUBLE_NONE,
	USM_TROUBLE_LEVEL,   /* usmStatsUnsupportedSecLevels */
	USM_TROUBLE_WINDOW,  /* usmStatsNotInTimeWindows, also after the resynchronisation */
	USM_TROUBLE_USER,    /* usmStatsUnknownUserNames */
	USM_TROUBLE_ENGINE,  /* usmStatsUnknownEngineIDs: another engine than the pinned one */
	USM_TROUBLE_DIGEST,  /* usmStatsWrongDigests: the authentication passphrase or protocol */
	USM_TROUBLE_CIPHER,  /* usmStatsDecryptionErrors: the privacy passphrase or protocol */
	USM_TROUBLE_CONTEXT, /* snmpUnknownContexts, snmpUnavailableContexts */
	USM_TROUBLE_OTHER    /* a REPORT of something else */
};

enum { SNMP3_FLAG_AUTH = 1, SNMP3_FLAG_PRIV = 2, SNMP3_FLAG_REPORTABLE = 4 };
enum {
	SNMP3_ENGINE_ID = 32,
	SNMP3_USER = 32,
	SNMP3_CONTEXT = 32,
	SNMP3_AUTH_MAX = 48,
	SNMP3_SALT = 8,
	SNMP3_PADDING = 8 /* DES: the plain text is a multiple of it */
};

#endif
