using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using AudioStudio.Settings;
using SupabaseStandIn;

namespace AudioStudio.Tests.Running;

/// <summary>Runs the sample AudioStudio as a separate process on a free port with its own data folder, as a user does.</summary>
internal sealed class StudioProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _root = Directory.CreateTempSubdirectory("studio-").FullName;
    private readonly Process _process;

    private readonly StandIn? _supabase;

    private StudioProcess(int port, StandIn? supabase, string[] arguments, string environment = "Development")
    {
        _supabase = supabase;
        Address = new Uri($"http://127.0.0.1:{port}");
        Http = new HttpClient { BaseAddress = Address };
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        start.ArgumentList.Add(typeof(StudioSettings).Assembly.Location);
        if (supabase is not null)
        {
            // The script file is empty. AudioStudio does not start without this file, but only its pages use the content, and these tests
            // open no page.
            var script = Path.Combine(_root, "supabase.js");
            File.WriteAllText(script, string.Empty);
            arguments =
            [
                .. arguments,
                "--Supabase:Url", supabase.Url,
                "--Supabase:PublishableKey", supabase.Keys.Publishable,
                "--Supabase:SecretKey", supabase.Keys.Secret,
                "--Supabase:ClientScript", script,
            ];
        }

        foreach (var argument in (string[])["--urls", Address.GetLeftPart(UriPartial.Authority), "--Data", Path.Combine(_root, "data"),
            .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        Output = _process.StandardOutput.ReadToEndAsync();
        Errors = _process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public Task<string> Output { get; }

    public Task<string> Errors { get; }

    public static StudioProcess Start(int? port = null, params string[] arguments) => new(port ?? FreePort(), supabase: null, arguments);

    /// <summary>Starts the sample as on a server that users visit.</summary>
    public static StudioProcess StartInProduction(params string[] arguments) =>
        new(FreePort(), supabase: null, arguments, environment: "Production");

    /// <summary>Starts the sample with a test double of Supabase. The caller must dispose the test double.</summary>
    public static StudioProcess Start(StandIn supabase, params string[] arguments) => new(FreePort(), supabase, arguments);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public Task<bool> RespondsAsync() => EventuallyAsync(RespondsNowAsync);

    public Task<bool> HasStoppedAsync() => EventuallyAsync(async () => !await RespondsNowAsync());

    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Kills only the supervisor, with SIGKILL or TerminateProcess.</summary>
    public void KillSupervisor() => _process.Kill();

    public async Task SignUpAsync(string? email = null)
    {
        var account = new { email = email ?? $"{Guid.NewGuid():N}@example.com", password = "long-enough" };
        if (_supabase is not null)
        {
            using var request =
                new HttpRequestMessage(HttpMethod.Post, $"{_supabase.Url}/auth/v1/signup") { Content = JsonContent.Create(account) };
            request.Headers.Add("apikey", _supabase.Keys.Publishable);
            using var response = (await Http.SendAsync(request)).EnsureSuccessStatusCode();
            SignIn((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString());
            return;
        }

        (await Http.PostAsJsonAsync("register", account)).EnsureSuccessStatusCode();
        if (!await SignInAsync(account.email, account.password))
        {
            throw new InvalidOperationException("The new account could not sign in.");
        }
    }

    /// <summary>Signs in with the accounts of the studio, and returns whether e-mail and password were accepted.</summary>
    public async Task<bool> SignInAsync(string email, string password)
    {
        using var response = await Http.PostAsJsonAsync("login", new { email, password });
        if (response.IsSuccessStatusCode)
        {
            SignIn((await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
        }

        return response.IsSuccessStatusCode;
    }

    public Task<long> ReadShownCreditsAsync() => CreditsAsync("auth/credits");

    /// <summary>The request bypasses the cache. The server allows a request that bypasses the cache once per second and user.</summary>
    public Task<long> ReadDatabaseCreditsAsync() => CreditsAsync("auth/credits?refresh=true");

    public async Task<string> UploadAsync(byte[] bytes, string type)
    {
        using var file = new ByteArrayContent(bytes);
        file.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var form = new MultipartFormDataContent { { file, "file", "sound" } };
        var response = await Http.PostAsync("uploads", form);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString()!;
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> DrawAsync(string body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post,
            "api/waveforms") { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        using var response = await Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void SignIn(string? token) => Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    private async Task<long> CreditsAsync(string address) =>
        (await Http.GetFromJsonAsync<JsonElement>(address)).GetProperty("credits").GetInt64();

    private static async Task<bool> EventuallyAsync(Func<Task<bool>> isTrue)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Patience; await Task.Delay(Pause))
        {
            if (await isTrue())
            {
                return true;
            }
        }

        return false;
    }

    private async Task<bool> RespondsNowAsync()
    {
        try
        {
            using var response = await Http.GetAsync("studio/info");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
