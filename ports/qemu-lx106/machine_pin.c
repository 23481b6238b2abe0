// SPDX-License-Identifier: MIT
// Pins without wires. Levels are kept where the chip keeps them: outputs in
// GPIO_OUT and GPIO_ENABLE, inputs in GPIO_IN, so a program (or QEMU's monitor)
// can look at an output and play the outside world with
// machine.mem32[0x60000318].

#include <string.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "extmod/virtpin.h"

#include "lx60.h"
#include "machine_types.h"

// As on the chip: GPIO 6 to 8 and 11 belong to the flash.
#define PIN_COUNT   (17)
#define PINS        (0x1f63fu)

#define MODE_IN         (0)
#define MODE_OUT        (1)
#define MODE_OPEN_DRAIN (2)
#define PULL_UP         (1)
#define IRQ_RISING      (1)
#define IRQ_FALLING     (2)

typedef struct _machine_pin_obj_t {
    mp_obj_base_t base;
    uint8_t number;
} machine_pin_obj_t;

#define PIN(n) { { &machine_pin_type }, (n) }
static const machine_pin_obj_t pins[PIN_COUNT] = {
    PIN(0), PIN(1), PIN(2), PIN(3), PIN(4), PIN(5), PIN(6), PIN(7), PIN(8),
    PIN(9), PIN(10), PIN(11), PIN(12), PIN(13), PIN(14), PIN(15), PIN(16),
};

static uint8_t modes[PIN_COUNT];
static uint8_t triggers[PIN_COUNT];

void machine_pin_reset(void) {
    memset(modes, MODE_IN, sizeof(modes));
    memset(triggers, 0, sizeof(triggers));
    memset(&MP_STATE_PORT(machine_pin_handlers)[0], 0, sizeof(MP_STATE_PORT(machine_pin_handlers)));
    ESP8266_GPIO_ENABLE = 0;
    ESP8266_GPIO_OUT = 0;
    ESP8266_GPIO_IN = 0;
}

static int pin_get(unsigned int n) {
    return ((ESP8266_GPIO_IN & ~LX60_GPIO_HELD) >> n) & 1;
}

// Sets the level at the pin and calls the handler that waits for this edge.
static void set_level(unsigned int n, int level) {
    int before = pin_get(n);
    ESP8266_GPIO_IN = (ESP8266_GPIO_IN & ~(1u << n)) | (uint32_t)level << n;
    if (level != before && (triggers[n] & (level ? IRQ_RISING : IRQ_FALLING))) {
        mp_obj_t handler = MP_STATE_PORT(machine_pin_handlers)[n];
        if (handler != MP_OBJ_NULL) {
            mp_sched_schedule(handler, MP_OBJ_FROM_PTR(&pins[n]));
        }
    }
}

static void pin_set(unsigned int n, int level) {
    ESP8266_GPIO_OUT = (ESP8266_GPIO_OUT & ~(1u << n)) | (uint32_t)level << n;
    if (modes[n] != MODE_IN) {
        set_level(n, level);
    }
}

static mp_obj_t pin_init(const machine_pin_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_mode, ARG_pull, ARG_value };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_mode, MP_ARG_REQUIRED | MP_ARG_INT },
        { MP_QSTR_pull, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, { .u_rom_obj = MP_ROM_PTR(MP_OBJ_NULL) } },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);

    mp_int_t mode = args[ARG_mode].u_int;
    if (mode != MODE_IN && mode != MODE_OUT && mode != MODE_OPEN_DRAIN) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin mode"));
    }
    mp_int_t pull = args[ARG_pull].u_obj == mp_const_none ? 0 : mp_obj_get_int(args[ARG_pull].u_obj);
    unsigned int n = self->number;
    if (n == 16 && pull != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("Pin(16) doesn't support pull"));
    }

    modes[n] = (uint8_t)mode;
    if (mode == MODE_IN) {
        ESP8266_GPIO_ENABLE &= ~(1u << n);
        if (pull & PULL_UP) {
            set_level(n, 1);
        }
    } else {
        ESP8266_GPIO_ENABLE |= 1u << n;
        set_level(n, (ESP8266_GPIO_OUT >> n) & 1);
    }
    if (args[ARG_value].u_obj != MP_OBJ_NULL) {
        pin_set(n, mp_obj_is_true(args[ARG_value].u_obj));
    }
    return mp_const_none;
}

static const machine_pin_obj_t *find_pin(mp_obj_t id) {
    if (mp_obj_is_type(id, &machine_pin_type)) {
        return MP_OBJ_TO_PTR(id);
    }
    mp_int_t n = mp_obj_get_int(id);
    if (n < 0 || n >= PIN_COUNT || !(PINS & (1u << n))) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin"));
    }
    return &pins[n];
}

// machine.Pin(id, mode, pull, *, value)
mp_obj_t mp_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const machine_pin_obj_t *pin = find_pin(args[0]);
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        pin_init(pin, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(pin);
}

static void pin_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "Pin(%u)", self->number);
}

// pin([level])
static mp_obj_t pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(pin_get(self->number));
    }
    pin_set(self->number, mp_obj_is_true(args[0]));
    return mp_const_none;
}

// pin.init(mode, pull, *, value)
static mp_obj_t pin_init_method(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    return pin_init(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, kw_args);
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init_method);

// pin.value([level])
static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) {
    return pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_off(mp_obj_t self_in) {
    pin_set(((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->number, 0);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_off_obj, pin_off);

static mp_obj_t pin_on(mp_obj_t self_in) {
    pin_set(((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->number, 1);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_on_obj, pin_on);

static mp_obj_t pin_toggle(mp_obj_t self_in) {
    unsigned int n = ((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->number;
    pin_set(n, !((ESP8266_GPIO_OUT >> n) & 1));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_toggle_obj, pin_toggle);

// pin.irq(handler=None, trigger=IRQ_FALLING | IRQ_RISING): the handler is called
// when the level changes through this class.
static mp_obj_t pin_irq(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_handler, ARG_trigger, ARG_hard };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_handler, MP_ARG_OBJ, { .u_rom_obj = MP_ROM_NONE } },
        { MP_QSTR_trigger, MP_ARG_INT, { .u_int = IRQ_RISING | IRQ_FALLING } },
        { MP_QSTR_hard, MP_ARG_BOOL, { .u_bool = false } },
    };
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(pos_args[0]);
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    if (self->number >= 16) {
        mp_raise_msg(&mp_type_OSError, MP_ERROR_TEXT("pin does not have IRQ capabilities"));
    }
    if (args[ARG_hard].u_bool) {
        mp_raise_ValueError(MP_ERROR_TEXT("hard IRQ not supported"));
    }
    mp_obj_t handler = args[ARG_handler].u_obj;
    triggers[self->number] = handler == mp_const_none ? 0 : (uint8_t)args[ARG_trigger].u_int;
    MP_STATE_PORT(machine_pin_handlers)[self->number] = handler == mp_const_none ? MP_OBJ_NULL : handler;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);

static mp_uint_t pin_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    (void)errcode;
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_PIN_READ:
            return pin_get(self->number);
        case MP_PIN_WRITE:
            pin_set(self->number, arg != 0);
            return 0;
    }
    return (mp_uint_t)-1;
}

static const mp_rom_map_elem_t pin_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_off_obj) },
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_on_obj) },
    { MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&pin_toggle_obj) },
    { MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(MODE_IN) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(MODE_OUT) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(MODE_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(IRQ_RISING) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(IRQ_FALLING) },
};
static MP_DEFINE_CONST_DICT(pin_locals, pin_locals_table);

static const mp_pin_p_t pin_protocol = {
    .ioctl = pin_ioctl,
};

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pin_type,
    MP_QSTR_Pin,
    MP_TYPE_FLAG_NONE,
    make_new, mp_pin_make_new,
    print, pin_print,
    call, pin_call,
    protocol, &pin_protocol,
    locals_dict, &pin_locals
    );

MP_REGISTER_ROOT_POINTER(mp_obj_t machine_pin_handlers[17]);
