using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using SupabaseStandIn;
using SupabaseStandIn.Auth;

namespace SessionRecovery.BrowserTests.Running;

/// <summary>
/// Runs the sample AudioStudio as a user does: with its supervisor, in the Development environment, and with its own data folder.
/// </summary>
internal sealed class Studio : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;
    private readonly HttpClient _http;
    private readonly StandIn? _supabase;

    private Studio(DirectoryInfo folder, ChildProcess process, Uri address, StandIn? supabase)
    {
        _folder = folder;
        _process = process;
        _supabase = supabase;
        _http = new HttpClient { BaseAddress = address };
    }

    public string Address => _http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    public static async Task<Studio> StartAsync(bool onSupabase = false, Action<AuthOptions>? configureAuth = null)
    {
        var supabase = onSupabase ? await SupabaseProject.StartAsync() : null;
        if (supabase is not null)
        {
            configureAuth?.Invoke(supabase.Control.Auth);
        }

        var folder = Directory.CreateTempSubdirectory("studio-browser-");
        var address = new Uri($"http://127.0.0.1:{Ports.Next()}");
        try
        {
            var process = await ChildProcess.StartAsync(
                "AudioStudio.dll", new Uri(address, "studio/info"), ["--urls", address.GetLeftPart(UriPartial.Authority), "--Data",
                    folder.FullName, .. SupabaseProject.Arguments(supabase)]);
            return new Studio(folder, process, address, supabase);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Returns the epoch of the server, which changes with every start.</summary>
    public async Task<string> EpochAsync()
    {
        using var response = await _http.GetAsync("studio/info");
        return response.Headers.GetValues("Session-Epoch").Single();
    }

    /// <summary>Returns the balance in the database, without any cache.</summary>
    public async Task<long> ReadDatabaseCreditsAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "auth/credits?refresh=true");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await _http.SendAsync(request);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("credits").GetInt64();
    }

    /// <summary>Pays for a waveform as another device of the user does.</summary>
    public async Task PayAsync(string accessToken, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/waveforms");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        request.Content = JsonContent.Create(new { name });
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Returns the number of files of the user.</summary>
    public async Task<int> FilesAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "uploads");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await _http.SendAsync(request);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("files").GetArrayLength();
    }

    /// <summary>Crashes the server with a request of a signed-in user, without using the page.</summary>
    public async Task CrashAsync(string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "studio/crash");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        try
        {
            using var response = await _http.SendAsync(request);
            throw new InvalidOperationException($"The server is still running and returned {response.StatusCode}.");
        }
        catch (HttpRequestException)
        {
            // The request fails, because the server exits without a response.
        }
    }

    /// <summary>Kills the process of the server as a shell does. The supervisor then starts the next one.</summary>
    public async Task KillAsync()
    {
        using var response = await _http.GetAsync("studio/info");
        var id = int.Parse(response.Headers.GetValues("Studio-Process").Single(), CultureInfo.InvariantCulture);
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Dispose();
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
        {
            TestContext.Out.WriteLine(_process.Output);
        }

        _folder.Delete(recursive: true);
        await SupabaseProject.StopAsync(_supabase);
    }
}
