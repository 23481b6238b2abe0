// SPDX-License-Identifier: MIT
//
// Included before py/objtype.c. Gives names to its static functions that are the slots of classes
// in ROM, and lets ../rom_classes.c follow links in the attributes of a class.

#include "py/obj.h"
#include "py/runtime.h"

#define EXPORT(name, as) extern __typeof__(name) as __attribute__((alias(#name)))

static mp_obj_t mp_obj_instance_make_new(const mp_obj_type_t *self, size_t n_args, size_t n_kw, const mp_obj_t *args);
static void instance_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind);
static mp_obj_t instance_unary_op(mp_unary_op_t op, mp_obj_t self_in);
static mp_obj_t instance_binary_op(mp_binary_op_t op, mp_obj_t lhs_in, mp_obj_t rhs_in);
static void mp_obj_instance_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
static mp_obj_t instance_subscr(mp_obj_t self_in, mp_obj_t index, mp_obj_t value);
static mp_int_t instance_get_buffer(mp_obj_t self_in, mp_buffer_info_t *bufinfo, mp_uint_t flags);

EXPORT(mp_obj_instance_make_new, rom_instance_make_new);
EXPORT(instance_print, rom_instance_print);
EXPORT(instance_unary_op, rom_instance_unary_op);
EXPORT(instance_binary_op, rom_instance_binary_op);
EXPORT(mp_obj_instance_attr, rom_instance_attr);
EXPORT(instance_subscr, rom_instance_subscr);
EXPORT(instance_get_buffer, rom_instance_get_buffer);

// The macro renames type_attr() where it is defined, not where mp_type_type names it.
void type_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) __asm__ ("rom_type_attr");
#define type_attr(self, attr, dest) type_attr_plain(self, attr, dest)
static void type_attr_plain(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
EXPORT(type_attr_plain, rom_plain_type_attr);

#define mp_convert_member_lookup rom_convert_member_lookup
void rom_convert_member_lookup(mp_obj_t self, const mp_obj_type_t *type, mp_obj_t member, mp_obj_t *dest);

// A class that gets a subclass is marked, which would write to flash. As a flag of no bits the
// mark is a store of what was there, which the compiler leaves out. Lost is only the error for a
// property that is added to a class which has subclasses already.
#undef MP_TYPE_FLAG_IS_SUBCLASSED
#define MP_TYPE_FLAG_IS_SUBCLASSED (0)
