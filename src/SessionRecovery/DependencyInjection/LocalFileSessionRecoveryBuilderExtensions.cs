using SessionRecovery.DependencyInjection;
using SessionRecovery.Files;
using SessionRecovery.Files.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds files on local disk to SessionRecovery.</summary>
public static class LocalFileSessionRecoveryBuilderExtensions
{
    /// <summary>Stores the users' own files on local disk, with their manifest beside the credits (<c>UseSqlite</c>, or the host's <see cref="IFileManifest"/>).</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="folder">An absolute path on a disk that survives a deploy.</param>
    /// <param name="configure">Sets limits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is <see langword="null"/> or empty.</exception>
    /// <exception cref="InvalidOperationException">Another file store is registered already.</exception>
    public static SessionRecoveryBuilder AddLocalFiles(this SessionRecoveryBuilder builder, string folder, Action<UserFileOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var options = builder.Services.AddOptions<UserFileOptions>().Configure(files => files.Folder = folder);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return builder.AddFileStore<LocalFileStore>();
    }
}
