// SPDX-License-Identifier: MIT
//
// What tinyweb.static answers with where nothing has to be waited for: which file it is, whether the
// client has it already, the head, and a body that fits into the buffer. None of that takes memory for
// longer than this call, and most of it none at all. The rest is in frozen/tinyweb/static.py.

#include <string.h>

#include "py/builtin.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/runtime.h"
#include "extmod/vfs.h"

#include "modhttpparse.h"
#include "modtinyweb.h"

// A smaller response buffer has no room for fields that are only useful.
#define ROOM 512

// Content codings, each with the ending of a file that has it; the better ones first.
static const char codings[][2][5] = { { "br", ".br" }, { "gzip", ".gz" } };

typedef struct {
    mp_obj_t site;
    mp_obj_t req;
    mp_obj_t resp;
    mp_obj_t name;              // str: what follows the site's URL, with the index
    mp_obj_t cache;             // the value of Cache-Control
    const char *coding;         // "" for none
    char *path;                 // with room for an ending
    size_t len;
    bool assets;                // of a dict, not of a folder
    uint32_t size;
    uint32_t mtime;
} answer_t;

static mp_obj_str_t text_of(const char *text) {
    return (mp_obj_str_t) { { &mp_type_str }, 0, strlen(text), (const byte *)text };
}

static mp_obj_t path_object(const answer_t *a) {
    return mp_obj_new_str(a->path, a->len);
}

// What there is under the path with an ending.
static mp_import_stat_t kind_of(const answer_t *a, const char *ending) {
    strcpy(a->path + a->len, ending);
    if (a->assets) {
        mp_obj_t path = mp_obj_new_str(a->path, a->len + strlen(ending));
        mp_obj_t item = tinyweb_call(a->site, MP_QSTR_get, 1, &path);
        return item == mp_const_none ? MP_IMPORT_STAT_NO_EXIST : MP_IMPORT_STAT_FILE;
    }
    return mp_vfs_import_stat(a->path);
}

// Calls a function of the file system that has the path, if it is one in C: then the path needs no
// object on the heap. MP_OBJ_NULL where it is another, or raises OSError.
static mp_obj_t call_vfs(const char *path, qstr function, mp_obj_t more) {
    const char *rest;
    mp_vfs_mount_t *vfs = mp_vfs_lookup_path(path, &rest);
    if (vfs == MP_VFS_NONE) {
        return MP_OBJ_NULL;     // a file system in Python has gone; the root is no file
    }
    mp_obj_str_t name = text_of(rest);
    mp_obj_t method[4];
    mp_load_method(vfs->obj, function, method);
    size_t n = more == MP_OBJ_NULL ? 1 : 2;
    if (!mp_obj_is_type(method[0], n == 1 ? &mp_type_fun_builtin_2 : &mp_type_fun_builtin_3)) {
        return MP_OBJ_NULL;
    }
    method[2] = MP_OBJ_FROM_PTR(&name);
    method[3] = more;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t result = mp_call_method_n_kw(n, 0, method);
        nlr_pop();
        return result;
    }
    if (!mp_obj_exception_match(MP_OBJ_FROM_PTR(nlr.ret_val), MP_OBJ_FROM_PTR(&mp_type_OSError))) {
        nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    return MP_OBJ_NULL;
}

static mp_obj_t open_file(const char *path) {
    return call_vfs(path, MP_QSTR_open, MP_OBJ_NEW_QSTR(MP_QSTR_rb));
}

// Takes size and time of the last modification of the file, false where they cannot be had.
static bool take_stat(answer_t *a) {
    mp_obj_t stat = call_vfs(a->path, MP_QSTR_stat, MP_OBJ_NULL);
    if (stat == MP_OBJ_NULL) {
        return false;
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(stat, 10, &items);
    mp_int_t size = mp_obj_get_int_truncated(items[6]);
    a->size = (uint32_t)size;
    a->mtime = (uint32_t)mp_obj_get_int_truncated(items[8]);
    m_del_var(mp_obj_tuple_t, items, mp_obj_t, 10, MP_OBJ_TO_PTR(stat));    // nobody else has it
    return size >= 0 && size <= INT32_MAX;
}

// Straight to the buffer of the response, which is started.
static void put_field(const answer_t *a, const char *name_in, mp_obj_t value) {
    mp_obj_str_t name = text_of(name_in);
    httpparse_response_header(mp_load_attr(a->resp, MP_QSTR__writer), MP_OBJ_FROM_PTR(&name), value);
}

static void put_text(const answer_t *a, const char *name, const char *text) {
    mp_obj_str_t value = text_of(text);
    put_field(a, name, MP_OBJ_FROM_PTR(&value));
}

// To the dict of fields, before the response is started.
static void store_field(const answer_t *a, const char *name, mp_obj_t value) {
    mp_obj_subscr(mp_load_attr(a->resp, MP_QSTR_headers), mp_obj_new_str_from_cstr(name), value);
}

static void store_fields(const answer_t *a, bool coded) {
    if (coded && *a->coding != 0) {
        store_field(a, "Content-Encoding", mp_obj_new_str_from_cstr(a->coding));
    }
    store_field(a, "Vary", mp_obj_new_str_from_cstr("Accept-Encoding"));
    store_field(a, "Cache-Control", a->cache);
}

// Starts the response, with a Content-Type and the coding where there is a body.
static void start(const answer_t *a, const mp_obj_str_t *type) {
    bool plain = tinyweb_response_is_plain(a->resp);
    if (!plain) {
        store_fields(a, type != NULL);
    }
    mp_obj_t arg = MP_OBJ_FROM_PTR(type);
    tinyweb_call(a->resp, MP_QSTR__start, type != NULL, &arg);
    if (plain) {
        if (type != NULL && *a->coding != 0) {
            put_text(a, "Content-Encoding", a->coding);
        }
        put_text(a, "Vary", "Accept-Encoding");
        put_field(a, "Cache-Control", a->cache);
    }
}

static mp_obj_t call_site(const answer_t *a, qstr method, size_t n, const mp_obj_t *values) {
    mp_obj_t args[2 + 5];
    mp_load_method(a->site, method, args);
    memcpy(args + 2, values, n * sizeof(mp_obj_t));
    return mp_call_method_n_kw(n, 0, args);
}

// The coroutine that sends the body, or what is left of it: `file` is open, or None. stat is
// (size, time) where it has to stay as it is, or None.
static mp_obj_t stream(const answer_t *a, mp_obj_t file, size_t left, mp_obj_t stat) {
    const mp_obj_t values[] = { a->resp, path_object(a), file, mp_obj_new_int_from_uint(left), stat };
    return call_site(a, MP_QSTR__stream, 5, values);
}

// Sends what there is of the file as far as the client takes it; the number of bytes.
static size_t read_body(const answer_t *a, mp_obj_t file) {
    mp_obj_t slot = mp_load_attr(a->resp, MP_QSTR__slot);
    mp_obj_t writer = mp_load_attr(a->resp, MP_QSTR__writer);
    mp_obj_t sock = mp_load_attr(slot, MP_QSTR_sock);
    size_t sent = 0;
    while (sent < a->size) {
        const mp_obj_t args[] = { sock, file, MP_OBJ_NEW_SMALL_INT((mp_int_t)(a->size - sent)) };
        mp_obj_t n = tinyweb_call(writer, MP_QSTR_readfrom, 3, args);
        if (n == mp_const_none || n == MP_OBJ_NEW_SMALL_INT(0)) {
            break;
        }
        sent += (size_t)mp_obj_get_int(n);
    }
    return sent;
}

static mp_obj_t body(const answer_t *a, size_t room) {
    if (a->size > room) {
        const mp_obj_t stat[] = { mp_obj_new_int_from_uint(a->size), mp_obj_new_int_from_uint(a->mtime) };
        return stream(a, mp_const_none, a->size, mp_obj_new_tuple(2, stat));
    }
    // What fits into the buffer is read at once, from one content
    mp_obj_t file = open_file(a->path);
    if (file == MP_OBJ_NULL) {
        return stream(a, mp_const_none, a->size, mp_const_none);
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        tinyweb_call(file, MP_QSTR_close, 0, NULL);
        nlr_raise(MP_OBJ_FROM_PTR(nlr.ret_val));
    }
    size_t sent = read_body(a, file);
    nlr_pop();
    if (sent != a->size) {
        return stream(a, file, a->size - sent, mp_const_none);
    }
    tinyweb_call(file, MP_QSTR_close, 0, NULL);
    return mp_const_none;
}

// Whether a request asks for no more than the whole file, unless the client has it already.
static bool is_simple(mp_obj_t req) {
    mp_obj_str_t field;
    return !tinyweb_request_field(req, "Range", &field) && !tinyweb_request_field(req, "If-Match", &field)
           && !tinyweb_request_field(req, "If-Unmodified-Since", &field)
           // A tag goes before a date
           && (tinyweb_request_field(req, "If-None-Match", &field)
               || !tinyweb_request_field(req, "If-Modified-Since", &field));
}

// The answer to such a request, with a file whose time tells contents apart.
static mp_obj_t send_file(const answer_t *a) {
    char text[32];
    vstr_t vstr;
    vstr_init_fixed_buf(&vstr, sizeof(text), text);
    // With the coding it differs from that of another file of equal size and time
    vstr_printf(&vstr, "\"%x-%x%s%s\"", (unsigned)a->size, (unsigned)a->mtime, *a->coding == 0 ? "" : "-", a->coding);
    mp_obj_str_t etag = text_of(vstr_null_terminated_str(&vstr));
    mp_obj_str_t field;
    if (tinyweb_request_field(a->req, "If-None-Match", &field) && tinyweb_lists(&field, &etag, true)) {
        mp_store_attr(a->resp, MP_QSTR_code, MP_OBJ_NEW_SMALL_INT(304));
        start(a, NULL);
        put_text(a, "ETag", text);
        return mp_const_none;
    }
    size_t len;
    const char *name = mp_obj_str_get_data(a->name, &len);
    char kind[TINYWEB_TYPE_SIZE];
    mp_obj_str_t type = tinyweb_media_type(name, len, kind);
    start(a, &type);
    put_text(a, "ETag", text);
    mp_obj_t server = mp_load_attr(mp_load_attr(a->resp, MP_QSTR__slot), MP_QSTR_server);
    size_t room = (size_t)mp_obj_get_int(mp_load_attr(server, MP_QSTR_buffer_size));
    if (room >= ROOM) {
        put_text(a, "Accept-Ranges", "bytes");
        // Without a clock there is no Date, and so no time before it (section 8.8.2.1)
        if (mp_load_attr(a->resp, MP_QSTR__date) != mp_const_none) {
            char to[TINYWEB_DATE_SIZE];
            mp_obj_str_t date = tinyweb_date(to, a->mtime);
            put_field(a, "Last-Modified", MP_OBJ_FROM_PTR(&date));
        }
    }
    put_field(a, "Content-Length", mp_obj_new_int_from_uint(a->size));
    if (mp_load_attr(a->req, MP_QSTR_method) == MP_OBJ_FROM_PTR(&httpparse_method_head)) {
        return mp_const_none;
    }
    return body(a, room);
}

// Whether the site has the path in this coding; then it is that one.
static bool has(answer_t *a, const char *coding, const char *ending) {
    if (kind_of(a, ending) != MP_IMPORT_STAT_FILE) {
        return false;
    }
    a->coding = coding;
    a->len += strlen(ending);
    return true;
}

// Chooses the coding. False where there is no such file.
static bool choose(answer_t *a) {
    mp_obj_str_t field;
    bool asked = tinyweb_request_field(a->req, "Accept-Encoding", &field);
    for (size_t i = 0; asked && i < MP_ARRAY_SIZE(codings); ++i) {
        if (tinyweb_accepts(&field, codings[i][0]) && has(a, codings[i][0], codings[i][1])) {
            return true;
        }
    }
    if (has(a, "", "")) {
        return true;
    }
    // Without the field the client takes any coding, but the plain one is the safest
    if (!has(a, codings[1][0], codings[1][1])) {
        return false;
    }
    if (asked) {
        tinyweb_raise(406);
    }
    return true;
}

static mp_obj_t answer(answer_t *a) {
    if (!choose(a)) {
        a->path[a->len] = 0;
        const mp_obj_t values[] = { a->req, a->resp, path_object(a) };
        return call_site(a, MP_QSTR__missing, 3, values);
    }
    a->cache = mp_load_attr(a->site, MP_QSTR_cache);
    if (!mp_obj_is_str(a->cache)) {
        a->cache = call_site(a, MP_QSTR__choose, 1, &a->name);
    }
    if (!a->assets && is_simple(a->req) && take_stat(a) && tinyweb_is_settled(a->mtime)) {
        return send_file(a);
    }
    store_fields(a, true);
    mp_obj_t coding = *a->coding == 0 ? mp_const_none : mp_obj_new_str_from_cstr(a->coding);
    const mp_obj_t values[] = { a->resp, path_object(a), coding, a->name };
    return call_site(a, MP_QSTR__answer, 4, values);
}

// site(self, request, response, name): answer with the file `name`, the decoded rest of the path, of
// a tinyweb.static.Site. Coroutine, or None where the answer is complete.
static mp_obj_t site_call(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    answer_t a = { .site = args[0], .req = args[1], .resp = args[2], .name = args[3] };
    size_t len, root_len = 0;
    const char *name = mp_obj_str_get_data(a.name, &len);
    if (!tinyweb_is_safe((const uint8_t *)name, len)) {
        tinyweb_raise(404);
    }
    if (len == 0) {
        size_t path_len;
        const char *path = mp_obj_str_get_data(mp_load_attr(a.req, MP_QSTR_path), &path_len);
        if (path_len == 0 || path[path_len - 1] != '/') {
            return call_site(&a, MP_QSTR__redirect, 2, args + 1);
        }
    }
    if (len == 0 || name[len - 1] == '/') {
        a.name = mp_binary_op(MP_BINARY_OP_ADD, a.name, mp_load_attr(a.site, MP_QSTR_index));
        name = mp_obj_str_get_data(a.name, &len);
    }
    mp_obj_t root_in = mp_load_attr(a.site, MP_QSTR_root);
    a.assets = root_in == mp_const_none;
    const char *root = a.assets ? "" : mp_obj_str_get_data(root_in, &root_len);
    if (root_len + len + sizeof(".gz") > TINYWEB_PATH_MAX) {
        tinyweb_raise(404);     // no file system has such a name, and the stack no room for it
    }
    a.path = mp_local_alloc(root_len + len + sizeof(".gz"));
    memcpy(a.path, root, root_len);
    memcpy(a.path + root_len, name, len);
    a.len = root_len + len;
    mp_obj_t result = answer(&a);
    mp_local_free(a.path);
    return result;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tinyweb_site_obj, 4, 4, site_call);
