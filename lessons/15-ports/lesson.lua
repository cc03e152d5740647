-- Lesson 15: ports. A container has a network of its own: which hops lead into it,
-- and which of them is missing when nothing answers.
--
-- No command needs quotes, `;` or `>`. The ports are free ones of this machine, above
-- 1024, so that every account may publish them.

lesson{ format = 1, id = "ports", needs = { "network", "life", "dockerfile" }, minutes = 18,
  points = 10 }

var.token = token(8)
var.port = pick_port(28000, 28499)
var.port2 = pick_port(28500, 28999)

-- The learner's containers that serve the page, newest first.
local function servers(w)
  local found = {}
  for _, one in ipairs(w:containers()) do
    if one.running and one:stat("/www/index.html") then found[#found + 1] = one end
  end
  return found
end

-- Whoever wrote `-p` behind the image has handed it to the program in there.
local function option_behind(w, c)
  local last = w:containers()[1]
  local first = last and last.args[1] or ""
  if first:find("^%-") and not last.running then
    c:fail("option_behind", { name = last.name, option = first })
    return true
  end
end

-- What the learner has called the server with that port of the machine (nil: with
-- none), for the lines that ask about it.
local function server_at(port, otherwise)
  return function(w)
    for _, one in ipairs(servers(w)) do
      if not port and #one.ports == 0 then return { server = one.name } end
      for _, at in ipairs(one.ports) do
        if port and tostring(at.host) == tostring(port) then
          return { server = one.name }
        end
      end
    end
    return { server = otherwise }
  end
end

-- A server for the steps to come, where there is none.
local function keep_server(w)
  if not w:image("site") then w:type("build -q -t site site") end
  if not servers(w)[1] then
    w:type("run -d -p %{port}:80 site")
  end
end

-- ---------------------------------------------------------------------------
step{ id = "wall", points = 2, show = server_at(nil, "web"),
  setup = function(w)
    w:copy("files/site", "site")
    w:write("site/index.html", "<h1>Welcome. The word is %{token}.</h1>\n")
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 3, predict = true },
    custom{ id = "runs", after = "guess",
      check = function(w, c)
        local all = servers(w)
        for _, one in ipairs(all) do
          if #one.ports == 0 then return end
        end
        if all[1] then
          return c:fail("published_already", { name = all[1].name })
        end
        if option_behind(w, c) then return end
        local last = w:containers()[1]
        if last then
          c:fail("not_running", { name = last.name })
        elseif w:ran_with("--rm") then
          c:fail("used_rm")
        else
          c:fail(#w:images() > 1 and "not_run" or "not_built")
        end
      end },
    answer{ id = "hop", after = "runs", choices = 3, right = 2 },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("build -t site site")
      w:type("run -d --name web site")
      w:type("exec web wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("ports web")
      w:type("answer 2")
    end,
    function(w)
      w:type("answer 3")
      w:type("docker build -t page:1 ./site")
      w:type("docker run -d --expose 80 page:1")
      w:type("answer 2")
    end,
  },
  wrong = {
    { name = "not built",
      run = function(w)
        w:type("answer 3")
        w:type("run -d --name web site")
      end,
      expect = { goal = "runs", message = "not_built" } },
    { name = "nothing but built",
      run = function(w)
        w:type("answer 3")
        w:type("build -t site site")
      end,
      expect = { goal = "runs", message = "not_run" } },
    { name = "published too early",
      run = function(w)
        w:type("answer 3")
        w:type("build -t site site")
        w:type("run -d --name web -p %{port}:80 site")
      end,
      expect = { goal = "runs", message = "published_already" } },
    { name = "another program, which ends",
      run = function(w)
        w:type("answer 3")
        w:type("build -t site site")
        w:type("run --name web site ls /www")
      end,
      expect = { goal = "runs", message = "not_running" } },
    { name = "the server is blamed",
      run = function(w)
        w:type("answer 3")
        w:type("build -t site site")
        w:type("run -d --name web site")
        w:type("answer 3")
      end,
      expect = { goal = "hop", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
step{ id = "publish", points = 3, show = server_at(var.port, "open"),
  -- It may have got another name; what is to be typed says this one.
  setup = function(w)
    if not w:image("site") then w:type("build -q -t site site") end
  end,
  goals = {
    http{ id = "serves", points = 2, url = "http://127.0.0.1:%{port}/", status = 200,
      body_has = "%{token}", hold = true,
      diagnose = function(w, c)
        if option_behind(w, c) then return end
        if (w:last_run() or ""):find(":" .. var.port .. " ", 1, true) then
          return c:fail("swapped")
        end
        for _, one in ipairs(servers(w)) do
          for _, port in ipairs(one.ports) do
            if tostring(port.port) == tostring(var.port) then
              return c:fail("no_colon", { name = one.name, host = port.host })
            end
            if tostring(port.host) == tostring(var.port) and port.port ~= 80 then
              return c:fail("other_inside", { name = one.name, inside = port.port })
            end
            if port.port == 80 and tostring(port.host) ~= tostring(var.port) then
              return c:fail("other_host_port", { name = one.name, host = port.host })
            end
          end
        end
        local all = servers(w)
        if all[1] and #all[1].ports == 0 then
          c:fail("not_published", { name = all[1].name })
        end
      end },
    answer{ id = "who", after = "serves", choices = 3, right = 3 },
  },
  solve = {
    function(w)
      w:type("rm -f web")
      w:type("run -d --name web -p %{port}:80 site")
      w:type("exec web wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("port web")
      w:type("answer 3")
    end,
    function(w) -- beside the first one, which goes on
      w:type("docker run -d --name open --publish %{port}:80/tcp site")
      w:type("docker exec open wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("answer 3")
    end,
    function(w) -- the long form, for this machine only
      w:type("run -d -p 127.0.0.1:%{port}:80 --name mine site")
      w:type("exec mine wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("answer 3")
    end,
  },
  wrong = {
    { name = "nothing published",
      run = function(w) w:type("run -d --name open site") end,
      expect = { goal = "serves", message = "not_published" } },
    { name = "the two numbers swapped",
      run = function(w) w:type("run -d --name open -p 80:%{port} site") end,
      expect = { goal = "serves", message = "swapped" } },
    { name = "behind the image",
      run = function(w) w:type("run -d --name open site -p %{port}:80") end,
      expect = { goal = "serves", message = "option_behind" } },
    { name = "a port that Docker chose",
      run = function(w) w:type("run -d --name open -P site") end,
      expect = { goal = "serves", message = "other_host_port" } },
    { name = "one number alone",
      run = function(w) w:type("run -d --name open -p %{port} site") end,
      expect = { goal = "serves", message = "no_colon" } },
    { name = "a port inside where nobody listens",
      run = function(w)
        w:type("run -d --name open -p %{port}:8080 site")
        w:type("ports open", "[::]:80")
      end,
      expect = { goal = "serves", message = "other_inside" } },
    { name = "another program in place of the server",
      run = function(w) w:type("run -d --name open -p %{port}:80 site sleep 600") end,
      expect = { goal = "serves", message = "no_server" } },
    { name = "believed that 0.0.0.0 is this machine alone",
      run = function(w)
        w:type("run -d --name open -p %{port}:80 site")
        w:type("exec open wget -q -O - http://127.0.0.1/", "%{token}")
        w:type("answer 1")
      end,
      expect = { goal = "who", message = "wrong" } },
  },
}

-- ---------------------------------------------------------------------------
-- The container behind the second port.
local function behind_port2(w)
  for _, one in ipairs(w:containers()) do
    for _, port in ipairs(one.running and one.ports or {}) do
      if tostring(port.host) == tostring(var.port2) then return one end
    end
  end
end

step{ id = "local", points = 3, show = server_at(var.port2, "shy"),
  setup = keep_server,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "shy", after = "guess",
      check = function(w, c)
        local one = behind_port2(w)
        if not one then
          if not option_behind(w, c) then c:fail("not_published") end
          return
        end
        local places = one:listens()
        for _, place in ipairs(places) do
          if not place:find("^127%.") then
            return c:fail("listens_everywhere", { name = one.name, place = place })
          end
        end
        if #places == 0 then c:fail("nobody_listens", { name = one.name }) end
      end },
    answer{ id = "hop", after = "shy", choices = 3, right = 3 },
    http{ id = "mended", after = "hop", url = "http://127.0.0.1:%{port2}/",
      status = 200, body_has = "%{token}", hold = true },
  },
  solve = {
    function(w)
      w:type("answer 1")
      w:type("run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 127.0.0.1:80")
      w:type("ports shy", "127.0.0.1:80")
      w:type("answer 3")
      w:type("rm -f shy")
      w:type("run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 0.0.0.0:80")
    end,
    function(w) -- what the image says anyway
      w:type("answer 2")
      w:type("docker run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 127.0.0.1:80")
      w:type("docker exec shy wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("answer 3")
      w:type("docker rm -f shy")
      w:type("docker run -d -p %{port2}:80 site")
    end,
  },
  wrong = {
    { name = "not published",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy site httpd -f -h /www -p 127.0.0.1:80")
      end,
      expect = { goal = "shy", message = "not_published" } },
    { name = "it listens everywhere",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy -p %{port2}:80 site")
      end,
      expect = { goal = "shy", message = "listens_everywhere" } },
    { name = "no server",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy -p %{port2}:80 site sleep 600")
      end,
      expect = { goal = "shy", message = "nobody_listens" } },
    { name = "the port is blamed",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 127.0.0.1:80")
        w:type("ports shy", "127.0.0.1:80")
        w:type("answer 1")
      end,
      expect = { goal = "hop", message = "wrong" } },
    { name = "not mended",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 127.0.0.1:80")
        w:type("ports shy", "127.0.0.1:80")
        w:type("answer 3")
      end,
      expect = { goal = "mended", message = "listens_local" } },
    { name = "removed, and left at that",
      run = function(w)
        w:type("answer 2")
        w:type("run -d --name shy -p %{port2}:80 site httpd -f -h /www -p 127.0.0.1:80")
        w:type("ports shy", "127.0.0.1:80")
        w:type("answer 3")
        w:type("rm -f shy")
      end,
      expect = { goal = "mended", message = "port_not_published" } },
  },
}

-- ---------------------------------------------------------------------------
-- What a container was to ask for: "http://web/".
local function asked(one)
  for _, word in ipairs(one.args) do
    if word:find("^https?://") then return word end
  end
end

-- "web" of "http://web:80/x", and "80".
local function host_of(url)
  return url:match("^https?://([^/:]+)"), url:match("^https?://[^/:]+:(%d+)")
end

local function is_own(host)
  return host == "localhost" or host:find("^127%.") ~= nil
end

-- Whether a container that goes on finds a server by its name.
local function reaches(w, one)
  for _, network in ipairs(one.networks) do
    for _, server in ipairs(network ~= "bridge" and servers(w) or {}) do
      for _, other in ipairs(server.networks) do
        if other == network and server.id ~= one.id then
          local page = one:run("wget", "-q", "-O", "-", "http://" .. server.name .. "/")
          return page and page:find(var.token, 1, true) ~= nil
        end
      end
    end
  end
end

local function why_not(w, c, one, url)
  local host, port = host_of(url)
  if is_own(host) then
    c:fail("own_localhost", { name = one.name })
  elseif port == tostring(var.port) or port == tostring(var.port2) then
    c:fail("outside_port", { name = one.name, port = port })
  elseif one.network_mode == "bridge" or one.network_mode == "default" or
         one.network_mode == "" then
    c:fail("usual_network", { name = one.name, host = host })
  else
    c:fail("not_there", { name = one.name, host = host, network = one.network_mode })
  end
end

-- With --rm: the line is all that is left of it, and it has ended well only if the
-- page came.
local function reached_and_removed(w)
  for _, done in ipairs(w:lines()) do
    local line = " " .. done.line .. " "
    local host = line:match(" wget .*https?://([^/:%s]+)")
    if done.status == 0 and host and line:find(" run .*%-%-rm .*%-%-net[work]*[ =]") and
       w:container(host) then
      return true
    end
  end
  return false
end

step{ id = "names", points = 2,
  setup = keep_server,
  -- A server with a port, and which that is: both ports may be in use, or either.
  show = function(w)
    for _, one in ipairs(servers(w)) do
      for _, at in ipairs(one.ports) do
        return { server = one.name, at = at.host }
      end
    end
    return { server = "web", at = var.port }
  end,
  goals = {
    answer{ id = "guess", points = 0, choices = 3, right = 2, predict = true },
    custom{ id = "alone", after = "guess",
      check = function(w, c)
        for _, one in ipairs(w:containers()) do
          local url = asked(one)
          if url and is_own((host_of(url))) and not one:could_not_start() then
            if one.exit ~= 0 and one.network_mode ~= "host" then return end
            return c:fail("host_network", { name = one.name })
          end
        end
        c:fail(w:ran_with("--rm") and "used_rm" or "none")
      end },
    custom{ id = "reached", after = "alone",
      check = function(w, c)
        if reached_and_removed(w) then return end
        local wrong
        for _, one in ipairs(w:containers()) do
          local url = asked(one)
          if url and not is_own((host_of(url))) then
            if not one:log():find(var.token, 1, true) then
              wrong = wrong or function() why_not(w, c, one, url) end
            elseif host_of(url):find("^[%d.]+$") then
              wrong = wrong or function()
                c:fail("by_address", { name = one.name, host = (host_of(url)) })
              end
            else
              return
            end
          elseif one.running and not one:stat("/www/index.html") and reaches(w, one) then
            return
          end
        end
        if wrong then return wrong() end
        c:fail(w:ran_with("--rm") and "used_rm" or "not_yet")
      end },
  },
  solve = {
    function(w)
      local server = servers(w)[1]
      local name = server and server.name or "web"
      w:type("answer 1")
      w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
      w:type("network create town")
      w:type("network connect town " .. name)
      w:type("run --name guest --network town busybox wget -q -O - http://" .. name .. "/")
    end,
    function(w) -- nothing is left of the guest
      local server = servers(w)[1]
      local name = server and server.name or "web"
      w:type("answer 3")
      w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
      w:type("network create town")
      w:type("network connect town " .. name)
      w:type("run --rm --network town busybox wget -q -O - http://" .. name .. "/")
    end,
    function(w) -- both begin on the new network; the guest stays
      w:type("answer 2")
      w:type("docker run --name lost busybox wget -q -O - http://localhost/")
      w:type("docker network create town")
      w:type("docker run -d --name shop --network town site")
      w:type("docker exec shop wget -q -O - http://127.0.0.1/", "%{token}")
      w:type("docker run -d --name guest --network town busybox sleep 600")
      w:type("docker exec guest wget -q -O - http://shop/")
    end,
  },
  wrong = {
    { name = "nothing left of it",
      run = function(w)
        w:type("answer 2")
        w:type("run --rm busybox wget -q -O - http://127.0.0.1:%{port}/")
      end,
      expect = { goal = "alone", message = "used_rm" } },
    { name = "no such program",
      run = function(w)
        w:type("answer 2")
        w:type("run --name lost busybox wegt -q -O - http://127.0.0.1:%{port}/")
      end,
      expect = { goal = "alone", message = "none" } },
    { name = "the machine's own network",
      run = function(w)
        w:type("answer 2")
        w:type("run --name lost --network host busybox wget -q -O - http://127.0.0.1:%{port}/")
      end,
      expect = { goal = "alone", message = "host_network" } },
    { name = "a name on the usual network",
      run = function(w)
        w:type("answer 2")
        w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
        w:type("run --name guest busybox wget -q -O - http://web/")
      end,
      expect = { goal = "reached", message = "usual_network" } },
    { name = "the guest is there, the server is not",
      run = function(w)
        w:type("answer 2")
        w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
        w:type("network create town")
        w:type("run --name guest --network town busybox wget -q -O - http://web/")
      end,
      expect = { goal = "reached", message = "not_there" } },
    { name = "the port of the outside",
      run = function(w)
        local server = servers(w)[1]
        local name = server and server.name or "web"
        w:type("answer 2")
        w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
        w:type("network create town")
        w:type("network connect town " .. name)
        w:type("run --name guest --network town busybox wget -q -O - http://" .. name .. ":%{port}/")
      end,
      expect = { goal = "reached", message = "outside_port" } },
    { name = "nothing of it yet",
      run = function(w)
        w:type("answer 2")
        w:type("run --name lost busybox wget -q -O - http://127.0.0.1:%{port}/")
      end,
      expect = { goal = "reached", message = "not_yet" } },
  },
}
