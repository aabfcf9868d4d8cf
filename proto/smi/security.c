/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smi/security.h"

const char *const usm_auth_names[USM_AUTH_COUNT] = {
	"none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"};
const char *const usm_priv_names[USM_PRIV_COUNT] = {
	"none", "des", "aes128", "aes192", "aes256", "aes192c", "aes256c"};

size_t usm_auth_bytes(enum usm_auth auth)
{
	static const uint8_t bytes[USM_AUTH_COUNT] = {0, 12, 12, 16, 24, 32, 48};
	return bytes[auth];
}

bool usm_auth_is_approved(enum usm_auth auth)
{
	return auth >= USM_AUTH_SHA1;
}

bool usm_priv_is_approved(enum usm_priv priv)
{
	return priv >= USM_PRIV_AES128;
}
