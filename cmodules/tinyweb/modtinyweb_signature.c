// SPDX-License-Identifier: MIT
//
// Signatures of what an update says of itself, by the mbedTLS that TLS is made of; for
// frozen/tinyweb/device/release.py. An image with another TLS, or none, has none.

#include "modtinyweb.h"

#if TINYWEB_SIGNATURE

#include "mbedtls/pk.h"
#include "py/runtime.h"

// An algorithm's name, the curve's, and the point without compression (RFC 5480): on P-256 always these bytes.
static const byte p256[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};
#define KEY_SIZE (sizeof(p256) + 64)
#define DIGEST_SIZE (32)

// verify(key, digest, signature): whether `signature` is that of who has the private key to `key`, bool.
// key: a public key of ECDSA on P-256, bytes-like in DER (SubjectPublicKeyInfo), as openssl writes it; ValueError
// for another. digest: SHA-256 of what was signed, 32 bytes-like; ValueError for another size. signature: bytes-like
// in DER (FIPS 186-5, RFC 3279 section 2.2.3); what is no signature is none of that key's.
static mp_obj_t verify(mp_obj_t key_in, mp_obj_t digest_in, mp_obj_t signature_in) {
    mp_buffer_info_t key, digest, signature;
    mp_get_buffer_raise(key_in, &key, MP_BUFFER_READ);
    mp_get_buffer_raise(digest_in, &digest, MP_BUFFER_READ);
    mp_get_buffer_raise(signature_in, &signature, MP_BUFFER_READ);
    if (digest.len != DIGEST_SIZE) {
        mp_raise_ValueError(MP_ERROR_TEXT("a SHA-256 has 32 bytes"));
    }
    mbedtls_pk_context pk;
    mbedtls_pk_init(&pk);
    // The point has to be on the curve, which this looks at.
    bool right = key.len == KEY_SIZE && memcmp(key.buf, p256, sizeof(p256)) == 0
        && mbedtls_pk_parse_public_key(&pk, key.buf, key.len) == 0;
    bool signs = right
        && mbedtls_pk_verify(&pk, MBEDTLS_MD_SHA256, digest.buf, digest.len, signature.buf, signature.len) == 0;
    mbedtls_pk_free(&pk);
    if (!right) {
        mp_raise_ValueError(MP_ERROR_TEXT("no public key of ECDSA on P-256"));
    }
    return mp_obj_new_bool(signs);
}
MP_DEFINE_CONST_FUN_OBJ_3(tinyweb_verify_obj, verify);

#endif
