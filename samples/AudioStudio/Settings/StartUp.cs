using AudioStudio.Supervision;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;

namespace AudioStudio.Settings;

/// <summary>Reports the start: either the address of the server or one sentence that describes the error.</summary>
internal sealed class StartUp(TextWriter output, TextWriter errors)
{
    private volatile bool _done;

    /// <summary>
    /// Gets a value that indicates whether the start has completed. Before the start has completed, errors are reported as one sentence and
    /// not logged with their stack trace.
    /// </summary>
    public bool IsDone => _done;

    public void Done(IEnumerable<string> urls, DataFolder data, SupabaseProject? project)
    {
        _done = true;
        output.WriteLine($"AudioStudio: open {string.Join(" or ", urls)}");
        output.WriteLine(project is null
            ? $"Everything it keeps is in {data.Path}"
            : $"Accounts, credits and files are kept by Supabase at {project.Url}; running uploads are in {data.Path}");
    }

    public int Refuse(Exception exception)
    {
        errors.WriteLine($"AudioStudio can't start: {Message(exception)}");
        return Lifeline.IsHeld ? ExitCode.RefusedToSupervisor : ExitCode.Refused;
    }

    internal static string Message(Exception exception)
    {
        var text = exception is SqliteException
            ? $"a database in the data folder can't be used: {exception.Message}"
            : exception.Message;
        text = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        text = text.EndsWith('.') ? text : text + ".";
        return exception.InnerException is AddressInUseException
            ? $"{text} Choose another address, for example --urls http://127.0.0.1:5081."
            : text;
    }
}
