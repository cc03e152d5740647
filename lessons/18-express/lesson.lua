-- Lesson 18: one application, from a Dockerfile that works to one that is small, quick
-- to build again, not root, and stops when it is asked to. A hundred points.
--
-- In two forms: on a real Node image where there is one, else on `kit`, which stands for
-- Node and npm and is a few lines of shell. What is judged is the same: the container
-- that answers at the port, and the image that it was made from. Names, tags and the
-- lines of the Dockerfile are free.

lesson{ format = 1, id = "express", needs = { "cache", "volumes", "pid1", "safety" },
  minutes = 25, points = 100 }

local NODE = has("image:node")

var.word = token(8)
var.password = token(10)
var.port = pick_port(29000, 29499)
var.port2 = pick_port(29500, 29999)
var.tool = NODE and "npm" or "kit"
var.base = NODE or "kit"
var.family = NODE and "node" or "kit"
var.runner = NODE and "node" or "sh"
-- With one id only, nobody but root can be started.
var.as = has("ids") and "" or "-u root "

local INSTALL = (NODE and "npm" or "kit") .. " install"
local PAGE = "views/index.html"
local LOG = "log/access.log"

-- What the application consists of, once it is installed.
local FILES = NODE and {
  "bin/www", "package.json", PAGE, "packages/cookies/index.js", "packages/router/index.js",
  "node_modules/words/index.js",
} or {
  "bin/www", "packages.txt", PAGE, "public/cgi-bin/index.cgi", "modules/router",
  "modules/cookies", "modules/views",
}

-- ---- the world as it is in the beginning ----

local function make_app(w)
  if NODE then
    w:copy("files/node", "myapp")
    w:edit("myapp/Dockerfile", "FROM kit", "FROM %{base}")
  else
    w:copy("files/kit", "kit")
    w:type("build -q -t kit:slim kit")
    w:type("build -q -t kit -f kit/Dockerfile.full kit")
    w:remove("kit")
    w:copy("files/shell", "myapp")
  end
  w:write("myapp/" .. PAGE, "<h1>Welcome to myapp</h1>\n<p>The word is %{word}.</p>\n")
  w:write("myapp/.env", "PASSWORD=%{password}\n")
  w:type("seq 1 20000 | sed 's/.*/line & of the log/' > myapp/debug.log")
end

-- ---- what is there ----

local function of_family(image)
  for _, tag in ipairs(image.tags) do
    local name = tag:match("^([^:]+)")
    if name == "node" or name == "kit" or name == "busybox" or name == "ubuntu" then
      return true
    end
  end
  return false
end

-- An image never changes, so what was found out about one is kept for this run.
local function once(find)
  local known = {}
  return function(image)
    local found = known[image.id]
    if not found then
      found = table.pack(find(image))
      known[image.id] = found
    end
    return table.unpack(found, 1, found.n)
  end
end

local bases

local function all_bases(w)
  if bases then return bases end
  bases = {}
  for _, one in ipairs(w:images()) do
    if of_family(one) then bases[one.id] = one end
  end
  return bases
end

-- The image that this one begins with, the bytes of all that came later, and the step
-- that brought most of them.
local base_and_own_of = once(function(image)
  local steps = image:history()
  local own = 0
  local most
  for i = #steps, 1, -1 do
    local base = steps[i].id and bases[steps[i].id]
    if base and base.id ~= image.id then return base, own, most end
    own = own + steps[i].bytes
    if not most or steps[i].bytes > most.bytes then most = steps[i] end
  end
  return nil, own, most
end)

local function base_and_own(w, image)
  all_bases(w)
  return base_and_own_of(image)
end

-- Where in the image the application lies, with a slash at its end.
local folder_of = once(function(image)
  local folder = (image.workdir or "/"):gsub("/*$", "/")
  if image:stat(folder .. "bin/www") then return folder end
  return image:stat("/scripts/bin/www") and "/scripts/" or nil
end)

-- Bytes of the files that the application cannot do without.
local app_bytes = once(function(image)
  local folder = folder_of(image)
  local sum = 0
  for _, path in ipairs(folder and FILES or {}) do
    local file = image:stat(folder .. path)
    sum = sum + (file and file.bytes or 0)
  end
  return sum
end)

-- The container behind a port, and its image.
local function at_port(w, wanted)
  for _, one in ipairs(w:containers()) do
    for _, port in ipairs(one.running and one.ports or {}) do
      if tostring(port.host) == tostring(wanted) then return one end
    end
  end
end

local function image_at_port(w, wanted)
  local one = at_port(w, wanted)
  return one and w:image(one.image_id)
end

local function first_image(w) return w:image("myapp:1") end

-- Not more than this: 40 % of the first one, or, on a real Node, the smallest Node there
-- is and half of what the first one put on top of its own.
local function size_limit(w)
  local first = first_image(w)
  if not first then return 0 end
  if not NODE then return first.size * 2 // 5 end
  local smallest
  for _, one in pairs(all_bases(w)) do
    if one.tags[1] and one.tags[1]:find("^node:") and one.size < (smallest or math.huge) then
      smallest = one.size
    end
  end
  local _, own = base_and_own(w, first)
  return (smallest or first.size) + own // 2
end

-- A step's line, nearly as the Dockerfile has it.
local function as_line(text)
  return text:match("#%(nop%)%s*(.*)$") or "RUN " .. text:gsub("^/bin/sh %-c ", "")
end

local function megabytes(bytes) return string.format("%.1f MB", bytes / 1000000) end

-- ---- single demands on the image; true: it is so ----

local function is_small(w, c, image)
  local limit = size_limit(w)
  if image.size <= limit then return true end
  local base = base_and_own(w, image)
  c:fail("too_big", { size = megabytes(image.size), limit = megabytes(limit),
                      base = base and base.tags[1] or "?" })
end

local function is_lean(w, c, image)
  local _, own, most = base_and_own(w, image)
  local app = app_bytes(image)
  if app == 0 then return c:fail("no_app") end
  if own <= app + app // 10 then return true end
  local left = "/root/." .. var.tool
  if image:stat(left) then
    return c:fail("left_behind", { path = left, name = image.tags[1] or image.id:sub(8, 19) })
  end
  c:fail("waste", { own = megabytes(own), app = megabytes(app),
                    line = most and as_line(most.text) or "" })
end

local function is_clean(w, c, image)
  local password = tostring(var.password)
  local base = base_and_own(w, image)
  local found = image:find(password, base and base.layer_count + 1 or 1)[1]
  if found then
    local layer, path = found:match("^(%d+) (.*)$")
    return c:fail(image:stat(path) and "secret_seen" or "secret_hidden",
                  { layer = layer, path = path })
  end
  for _, step in ipairs(image:history()) do
    if step.text:find(password, 1, true) then
      return c:fail("secret_history", { line = step.text })
    end
  end
  for name, value in pairs(image.env) do
    if value:find(password, 1, true) then return c:fail("secret_env", { name = name }) end
  end
  return true
end

-- What is at the port may be older than what was built last.
local last_build

local function say_old(w, c, one)
  last_build = last_build or w:built()
  local build = last_build
  local image = build and build.number >= 1 and build.ok and w:image(build.image)
  if image and image.id ~= one.image_id then
    c:fail("old_image", { name = one.name, tag = image.tags[1] or image.id:sub(8, 19) })
  end
end

-- A check of the image behind a port.
local function at_port_is(wanted, demand)
  return function(w, c)
    local one = at_port(w, wanted)
    local image = one and w:image(one.image_id)
    if not image then return c:fail("not_there") end
    if not demand(w, c, image) then say_old(w, c, one) end
  end
end

-- ---- what typically went wrong ----

-- The learner's containers, newest first, without those of an earlier step: of the first
-- image, or at a port that another step asked for.
local function of_step(w, earlier_port)
  local first = first_image(w)
  local found = {}
  for _, one in ipairs(w:containers()) do
    local earlier = first and one.image_id == first.id and not one.running
    for _, port in ipairs(one.ports) do
      earlier = earlier or tostring(port.host) == tostring(earlier_port)
    end
    -- What a RUN that failed has left is a container as well, of an image without a name.
    local image = one.args[1] == "/bin/sh" and one.args[2] == "-c" and w:image(one.image_id)
    local of_build = image and #image.tags == 0
    if not earlier and not of_build then found[#found + 1] = one end
  end
  return found
end

-- Why nobody answers at the port.
local function why_silent(wanted, earlier_port)
  return function(w, c)
    if at_port(w, wanted) then return end
    local build = w:built()
    if build and build.number >= 1 and not build.ok then
      local line = build:failed() or ""
      local alone = wanted == var.port2 and not has("ids")
      return c:fail(alone and line:find("chown") and "no_chown" or "failed", { line = line })
    end
    local last = of_step(w, earlier_port)[1]
    local ending = last and not last.running and last:ending()
    if not last or ending and ending.by then return c:fail("none_runs") end
    local details = { name = last.name, code = last.exit or "?" }
    if not last.running then return c:fail("ended", details) end
    if #last.ports == 0 then return c:fail("no_port", details) end
    details.host = last.ports[1].host
    c:fail("other_port", details)
  end
end

-- ---- the Dockerfiles of the solutions ----

local IGNORE = ".env\ndebug.log\n"

-- The smallest base there is: the name that a learner finds in `images`.
local function small_base(w)
  if not NODE then return "kit:slim" end
  local best
  for _, one in ipairs(w:images()) do
    local tag = one.tags[1]
    if tag and tag:find("^node:") and (not best or one.size < best.size) then
      best = { tag = tag, size = one.size }
    end
  end
  return best.tag
end

local NEEDED = NODE and "COPY package.json .npmrc ./\nCOPY packages packages\n" or
               "COPY packages.txt .\n"
local NEEDED_LINES = "    " .. NEEDED:gsub("\n$", ""):gsub("\n", "\n    ")
local CLEAN = INSTALL .. (NODE and " && rm -rf /root/.npm" or " && rm -rf /root/.kit")

local function simple(w)
  return "FROM " .. small_base(w) .. "\nWORKDIR /scripts\nCOPY . .\nRUN " .. CLEAN ..
         "\nEXPOSE 3000\nCMD [\"" .. var.tool .. "\", \"start\"]\n"
end

-- Two stages; in another folder, too.
local function staged(w)
  return "FROM %{base} AS make\nWORKDIR /app\n" .. NEEDED .. "RUN " .. INSTALL .. "\n" ..
         "FROM " .. small_base(w) .. "\nWORKDIR /app\n" ..
         "COPY --from=make /app/ ./\n" ..
         "COPY bin bin\nCOPY views views\n" .. (NODE and "" or "COPY public public\n") ..
         "CMD [\"" .. var.tool .. "\", \"start\"]\n"
end

local function ordered(w)
  return "FROM " .. small_base(w) .. "\nWORKDIR /scripts\n" .. NEEDED .. "RUN " .. CLEAN ..
         "\nCOPY . .\nEXPOSE 3000\nCMD [\"" .. var.tool .. "\", \"start\"]\n"
end

local function whole(w)
  local start = NODE and '["node", "bin/www"]' or '["sh", "bin/www"]'
  return "FROM " .. small_base(w) .. "\nWORKDIR /scripts\n" .. NEEDED .. "RUN " .. CLEAN ..
         " && mkdir log && chmod a+w log\nCOPY . .\nUSER nobody\nEXPOSE 3000\nCMD " ..
         start .. "\n"
end

-- ---------------------------------------------------------------------------
-- The Dockerfile as it was found: it works.
local function stopped(w, c)
  local first = first_image(w)
  if not first then return c:fail("not_built") end
  for _, one in ipairs(w:containers()) do
    if one.image_id == first.id then
      if one.running then return c:fail("still_running", { name = one.name }) end
      local ending = one:ending()
      if ending and (ending.by == "grace" or ending.by == "stop") then return end
      return c:fail("ended_otherwise", { name = one.name })
    end
  end
  c:fail("not_run")
end

local function before(w)
  local first = first_image(w)
  if not first then return { size = "?", own = "?", app = "?" } end
  local _, own = base_and_own(w, first)
  return { size = megabytes(first.size), own = megabytes(own),
           app = megabytes(app_bytes(first)) }
end

local function the_first(id, words)
  step{ id = id, only_if = words.only_if, unless = words.unless, points = 0,
    setup = make_app, show = before,
    goals = {
      answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
      image{ id = "built", points = 0, after = "guess", tag = "myapp:1", min_layers = 4,
        diagnose = function(w, c)
          local build = w:built()
          local image = build and build.number >= 1 and build.ok and w:image(build.image)
          if image and not w:image("myapp:1") then
            if not image.tags[1] then return c:fail("no_name") end
            c:fail("other_name", { name = image.tags[1] })
          end
        end },
      answer{ id = "most", points = 0, after = "built", choices = 4, right = 1 },
      custom{ id = "stopped", points = 0, after = "most", check = stopped },
    },
    solve = {
      function(w)
        w:type("answer 2")
        w:type("build -t myapp:1 myapp")
        w:type("layers myapp:1")
        w:type("answer 1")
        w:type("run -d --name first -p %{port}:3000 myapp:1")
        w:type("logs first", "listens")
        w:type("stop -t 1 first")
      end,
    },
    wrong = {
      { name = "another name",
        run = function(w)
          w:type("answer 1")
          w:type("build -t myapp myapp")
        end,
        expect = { goal = "built", message = "other_name" } },
      { name = "the line that looks worst",
        run = function(w)
          w:type("answer 1")
          w:type("build -t myapp:1 myapp")
          w:type("answer 4")
        end,
        expect = { goal = "most", message = "wrong" } },
      { name = "left running",
        run = function(w)
          w:type("answer 1")
          w:type("build -t myapp:1 myapp")
          w:type("answer 1")
          w:type("run -d --name first myapp:1")
        end,
        expect = { goal = "stopped", message = "still_running" } },
    },
  }
end

the_first("before", { unless = "image:node" })
the_first("before_node", { only_if = "image:node" })

-- ---------------------------------------------------------------------------
local function write_and_run(w, dockerfile, ignore)
  w:write("myapp/Dockerfile", dockerfile)
  if ignore then w:write("myapp/.dockerignore", ignore) end
  w:type("build -t myapp:2 myapp")
  w:type("run -d --name second -p %{port}:3000 myapp:2")
  w:type("logs second", "listens")
end

step{ id = "small", points = 60,
  show = function(w)
    local first = before(w)
    local image = image_at_port(w, var.port)
    first.limit = megabytes(size_limit(w))
    first.size_now = image and megabytes(image.size) or "?"
    first.own_now = "?"
    if image then
      local _, own = base_and_own(w, image)
      first.own_now = megabytes(own)
    end
    return first
  end,
  goals = {
    http{ id = "serves", points = 25, url = "http://127.0.0.1:%{port}/", status = 200,
      body_has = "%{word}", hold = true, diagnose = why_silent(var.port) },
    custom{ id = "size", points = 15, after = "serves", hold = true,
      check = at_port_is(var.port, is_small) },
    custom{ id = "own", points = 10, after = "serves", hold = true,
      check = at_port_is(var.port, is_lean) },
    custom{ id = "secret", points = 10, after = "serves", hold = true,
      check = at_port_is(var.port, is_clean) },
  },
  solve = {
    function(w) write_and_run(w, simple(w), IGNORE) end,
    function(w) write_and_run(w, staged(w), "*.log\n.env\nDockerfile\n") end,
  },
  wrong = {
    { name = "all in one RUN",
      run = function(w)
        write_and_run(w, "FROM " .. small_base(w) .. "\nWORKDIR /scripts\nCOPY . .\nRUN " ..
          CLEAN .. " && rm .env debug.log && chmod -R a+rX /scripts\nCMD [\"" .. var.tool ..
          "\", \"start\"]\n")
      end,
      expect = { goal = "secret", message = "secret_hidden" } },
    { name = "all that is left out is deleted",
      run = function(w)
        write_and_run(w, "FROM " .. small_base(w) .. "\nWORKDIR /scripts\nCOPY . .\nRUN " ..
          CLEAN .. " && rm .env debug.log\nCMD [\"" .. var.tool .. "\", \"start\"]\n")
      end,
      expect = { goal = "own", message = "waste" } },
    { name = "only the log is left out",
      run = function(w) write_and_run(w, simple(w), "debug.log\n") end,
      expect = { goal = "secret", message = "secret_seen" } },
    { name = "built again, and the old container is left",
      run = function(w)
        w:type("run -d --name second -p %{port}:3000 myapp:1")
        w:write("myapp/Dockerfile", simple(w))
        w:write("myapp/.dockerignore", IGNORE)
        w:type("build -t myapp:2 myapp")
      end,
      expect = { goal = "own", message = "old_image" } },
    { name = "the install step is gone",
      run = function(w)
        write_and_run(w, simple(w):gsub("RUN [^\n]*\n", "RUN mkdir log\n"), IGNORE)
      end,
      expect = { goal = "serves", message = NODE and "ended" or "status" } },
    { name = "the port forgotten",
      run = function(w)
        w:write("myapp/Dockerfile", simple(w))
        w:write("myapp/.dockerignore", IGNORE)
        w:type("build -t myapp:2 myapp")
        w:type("run -d --name second myapp:2")
      end,
      expect = { goal = "serves", message = "no_port" } },
    { name = "the build fails",
      run = function(w)
        w:write("myapp/Dockerfile", "FROM " .. small_base(w) .. "\nRUN " .. INSTALL ..
                " --no-such && false\n")
        w:type("build -t myapp:2 myapp")
      end,
      expect = { goal = "serves", message = "failed" } },
    { name = "another port",
      run = function(w) w:type("run -d --name second -P myapp:1") end,
      expect = { goal = "serves", message = "other_port" } },
    not NODE and { name = "nothing changed, the size",
      run = function(w) w:type("run -d --name second -p %{port}:3000 myapp:1") end,
      expect = { goal = "size", message = "too_big" } } or nil,
  },
}

-- ---------------------------------------------------------------------------
local function install_at(build)
  for i, step in ipairs(build.steps) do
    if step.text:find("^RUN") and step.text:find(INSTALL, 1, true) then return i end
  end
end

-- Whether a COPY in front of the install step takes in the page.
local function page_comes_first(build, last)
  for i = 1, last - 1 do
    local text = build.steps[i].text
    if (text:find("^COPY") or text:find("^ADD")) and not text:find("--from", 1, true) and
       (text:find("%s%./?%s") or text:find("views", 1, true)) then
      return true
    end
  end
  return false
end

local function copies_missed(build)
  for _, step in ipairs(build.steps) do
    if (step.text:find("^COPY") or step.text:find("^ADD")) and not step.hit then return true end
  end
  return false
end

local function page_in(image)
  local folder = folder_of(image)
  return folder and image:file(folder .. PAGE)
end

local function kept(w, c)
  local build = w:built()
  if not build or build.number < 1 then return c:fail("no_build") end
  if not build.ok then return c:fail("failed", { line = build:failed() }) end
  local at = install_at(build)
  if not at then return c:fail("no_install") end
  if page_in(w:image(build.image)) ~= w:read("myapp/" .. PAGE) then
    return c:fail("not_in")
  end
  if page_comes_first(build, at) then return c:fail("page_first") end
  if not build.steps[at].hit then return c:fail("now_change") end
  if not copies_missed(build) then return c:fail("same") end
end

local function change_page(w, to)
  w:edit("myapp/" .. PAGE, "Welcome to", to)
end

step{ id = "quick", points = 15,
  show = function(w)
    local most, last
    for _, done in ipairs(w:lines()) do
      if done.status == 0 and (" " .. done.line .. " "):find(" build ", 1, true) then
        most = math.max(most or 0, done.ms)
        last = done.ms
      end
    end
    return { most_ms = most or "?", last_ms = last or "?", lines = NEEDED_LINES }
  end,
  goals = {
    custom{ id = "kept", points = 15, check = kept },
  },
  solve = {
    function(w)
      w:write("myapp/Dockerfile", ordered(w))
      w:write("myapp/.dockerignore", IGNORE)
      w:type("build -t myapp:3 myapp")
      change_page(w, "Good morning, this is")
      w:type("build -t myapp:3 myapp")
    end,
    function(w)
      w:write("myapp/Dockerfile", staged(w))
      w:write("myapp/.dockerignore", IGNORE)
      w:type("docker build -t staged:1 myapp")
      change_page(w, "Hello from")
      w:type("docker build -t staged:2 myapp")
    end,
  },
  wrong = {
    { name = "the order as it was",
      run = function(w)
        w:write("myapp/Dockerfile", simple(w))
        change_page(w, "Hello from")
        w:type("build -t myapp:3 myapp")
      end,
      expect = { goal = "kept", message = "page_first" } },
    { name = "built once",
      run = function(w)
        w:write("myapp/Dockerfile", ordered(w) .. "LABEL a=b\n")
        w:type("build --no-cache -t myapp:3 myapp")
      end,
      expect = { goal = "kept", message = "now_change" } },
    { name = "nothing changed in between",
      run = function(w)
        w:write("myapp/Dockerfile", ordered(w))
        w:type("build -t myapp:3 myapp")
        w:type("build -t myapp:3 myapp")
      end,
      expect = { goal = "kept", message = "same" } },
    { name = "the page is not in it",
      run = function(w)
        w:write("myapp/Dockerfile", "FROM " .. small_base(w) .. "\nWORKDIR /scripts\n" ..
                NEEDED .. "RUN " .. CLEAN .. "\n")
        w:type("build -t myapp:3 myapp")
      end,
      expect = { goal = "kept", message = "not_in" } },
    { name = "nothing is installed",
      run = function(w)
        w:write("myapp/Dockerfile", "FROM " .. small_base(w) .. "\nWORKDIR /scripts\nCOPY . .\n")
        w:type("build -t myapp:3 myapp")
      end,
      expect = { goal = "kept", message = "no_install" } },
  },
}

-- ---------------------------------------------------------------------------
local function is_root(user)
  return user == nil or user == "" or user:find("^root") ~= nil or user:find("^0") ~= nil
end

local function not_root(w, c)
  local one = at_port(w, var.port2)
  if not one then return c:fail("not_there") end
  local who = (one:run("id", "-u") or ""):match("^%d+")
  if who == "0" then c:fail("is_root", { name = one.name }) end
end

-- Where every process is root inside, the image at least says who it wants to be.
local function says_user(w, c)
  local one = at_port(w, var.port2)
  local image = image_at_port(w, var.port2)
  if not one then return c:fail("not_there") end
  if is_root(image.user) then c:fail("no_user", { name = one.name }) end
end

-- Those of the last step that the application is in.
local function of_the_app(w)
  local found = {}
  for _, one in ipairs(of_step(w, var.port)) do
    local image = w:image(one.image_id)
    if image and folder_of(image) then found[#found + 1] = one end
  end
  return found
end

local function stops(w, c)
  local all = of_the_app(w)
  for _, one in ipairs(all) do
    local ending = not one.running and one:ending()
    if ending and ending.by == "stop" and ending.ms < 1000 and ending.signal ~= 9 then
      return
    end
  end
  local last = all[1]
  if not last then return c:fail("none_yet") end
  local ending = not last.running and last:ending()
  if last.running then
    c:fail(#last.ports > 0 and "not_stopped" or "still_running", { name = last.name })
  elseif not ending or not ending.by then
    c:fail("ended_itself", { name = last.name })
  elseif ending.by == "kill" then
    c:fail("used_kill", { name = last.name })
  else
    c:fail("deaf", { name = last.name, program = table.concat(last.args, " ") })
  end
end

local function log_on_volume(w, c)
  local one = at_port(w, var.port2)
  local image = image_at_port(w, var.port2)
  local folder = image and folder_of(image)
  if not folder then return c:fail("not_there") end
  local place = folder .. "log"
  local other
  for _, mount in ipairs(one.mounts) do
    local target = mount.target:gsub("/*$", "")
    if target == place and (mount.type == "volume" or mount.type == "bind") then return end
    other = other or mount.target
  end
  c:fail(other and "other_place" or "no_volume",
         { name = one.name, place = place, other = other or "" })
end

-- At the end all of it holds, of the one container.
local function all_of_it(w, c, image)
  return is_small(w, c, image) and is_lean(w, c, image) and is_clean(w, c, image)
end

-- How long `stop` took: for the first image's container, and for the quickest of now.
local function stop_times(w)
  local first = first_image(w)
  local was, is
  for _, one in ipairs(w:containers()) do
    local ending = not one.running and one:ending()
    if ending and ending.ms and first and one.image_id == first.id then was = ending.ms end
  end
  for _, one in ipairs(of_the_app(w)) do
    local ending = not one.running and one:ending()
    if ending and ending.ms and ending.ms < (is or math.huge) then is = ending.ms end
  end
  for _, done in ipairs((is or math.huge) > 1000 and w:lines() or {}) do
    -- It is not there any more, or runs again: the line tells.
    if done.status == 0 and (" " .. done.line):find(" stop ", 1, true) then is = done.ms end
  end
  return was or "?", is or "?"
end

local function run_live(w, dockerfile, options, ignore)
  w:write("myapp/Dockerfile", dockerfile)
  w:write("myapp/.dockerignore", ignore or IGNORE)
  w:type("build -t myapp:4 myapp")
  w:type("run -d --name live %{as}" .. options .. " -p %{port2}:3000 myapp:4")
end

local function run_final(w, dockerfile, options, ignore)
  run_live(w, dockerfile, options, ignore)
  w:type("logs live", "listens")
end

local function try_stop(w, options)
  w:type("run -d --name try %{as}" .. options .. "myapp:4")
  w:type("logs try", "listens")
  w:type("stop try")
end

step{ id = "live", points = 25,
  show = function(w)
    local shown = before(w)
    local image = image_at_port(w, var.port2)
    shown.size_now, shown.own_now = "?", "?"
    if image then
      local _, own = base_and_own(w, image)
      shown.size_now, shown.own_now = megabytes(image.size), megabytes(own)
    end
    shown.stop, shown.stop_now = stop_times(w)
    return shown
  end,
  goals = {
    custom{ id = "stops", points = 10, check = stops },
    http{ id = "serves", points = 0, url = "http://127.0.0.1:%{port2}/", status = 200,
      body_has = "%{word}", hold = true, diagnose = why_silent(var.port2, var.port) },
    custom{ id = "user", only_if = "ids", points = 10, after = "serves", hold = true,
      check = not_root },
    custom{ id = "user_one", unless = "ids", points = 10, after = "serves", hold = true,
      check = says_user },
    custom{ id = "volume", points = 5, after = "serves", hold = true,
      check = log_on_volume },
    custom{ id = "all", points = 0, after = "serves", hold = true,
      check = at_port_is(var.port2, all_of_it) },
  },
  solve = {
    function(w)
      run_final(w, whole(w), "-v logs:/scripts/log")
      try_stop(w, "")
    end,
    function(w) -- an init in front of the old CMD, a volume of the image's
      run_final(w, whole(w):gsub("CMD [^\n]*\n",
        "VOLUME /scripts/log\nCMD [\"" .. var.tool .. "\", \"start\"]\n"), "--init")
      try_stop(w, "--init ")
    end,
  },
  wrong = {
    { name = "root",
      run = function(w)
        run_final(w, whole(w):gsub("USER nobody\n", ""), "-v logs:/scripts/log")
      end,
      expect = { goal = has("ids") and "user" or "user_one",
                 message = has("ids") and "is_root" or "no_user" } },
    { name = "a program that does not hear",
      run = function(w)
        run_final(w, whole(w), "-v logs:/scripts/log")
        w:type("run -d --name try %{as}myapp:4 sleep 600")
        w:type("stop -t 0 try")
      end,
      expect = { goal = "stops", message = "deaf" } },
    { name = "no volume",
      run = function(w)
        run_final(w, whole(w), "")
        w:type("run -d --name try %{as}myapp:4")
      end,
      expect = { goal = "volume", message = "no_volume" } },
    { name = "one that runs, and is not stopped",
      run = function(w)
        run_final(w, whole(w), "")
        w:type("run -d --name try %{as}myapp:4")
      end,
      expect = { goal = "stops", message = "still_running" } },
    { name = "a volume at another place, and nothing was stopped",
      run = function(w) run_final(w, whole(w), "-v logs:/var/log") end,
      expect = { goal = "volume", message = "other_place" } },
    { name = "the one that serves is not stopped",
      run = function(w) run_final(w, whole(w), "-v logs:/scripts/log") end,
      expect = { goal = "stops", message = "not_stopped" } },
    { name = "what was reached before is lost",
      run = function(w)
        run_final(w, whole(w), "-v logs:/scripts/log", "# nothing\n")
      end,
      expect = { goal = "all", message = NODE and "too_big" or "waste" } },
    { name = "a step of the build fails, and its container is no application",
      run = function(w)
        run_live(w, whole(w):gsub("chmod a%+w log", "chmod a+w lag"), "")
      end,
      expect = { goal = "stops", message = "none_yet" } },
    not has("ids") and { name = "chown, with one user id",
      run = function(w)
        run_live(w, whole(w):gsub("chmod a%+w log", "chown nobody log"), "")
      end,
      expect = { goal = "serves", message = "no_chown" } } or
    { name = "nobody may not write the log",
      run = function(w)
        run_live(w, whole(w):gsub(" && mkdir log && chmod a%+w log", ""),
                 "-v logs:/scripts/log")
        w:type("wait live")
      end,
      expect = { goal = "serves", message = "ended" } },
  },
}
